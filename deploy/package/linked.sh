#!/bin/bash
# Holds packages.txt against what programs are linked with: every library that one of them names comes from a package of the
# list's first part, each of these packages is named by one, and nothing comes from anywhere else.
#
#   linked.sh PROGRAM…
set -euo pipefail

list="$(dirname "${BASH_SOURCE[0]}")/packages.txt"
listed="$(sed -n '/^# Linked/,/^$/ { /^#/d; /^$/d; p }' "$list" | sort -u)"

owners() {
    local program library place owner
    for program in "$@"; do
        for library in $(readelf --dynamic "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
            place="$(ldd "$program" | awk -v want="$library" '$1 == want { print $3 } $1 ~ "/" want "$" { print $1 }' | head -1)"
            [[ "$place" == /* ]] || { echo "linked: $program needs $library, which is nowhere" >&2; return 1; }
            place="$(readlink -f "$place")"
            # Debian's own folders are joined: a package may name the older place.
            owner="$(dpkg-query --search "$place" 2>/dev/null || dpkg-query --search "${place#/usr}" 2>/dev/null)" ||
                { echo "linked: $program needs $place, which is of no Debian package" >&2; return 1; }
            echo "${owner%%:*}"
        done
    done
}

found="$(owners "$@" | sort -u)"
difference="$(diff <(echo "$listed") <(echo "$found") || true)"
if [[ -n "$difference" ]]; then
    echo "linked: packages.txt (<) and the programs (>) differ:" >&2
    echo "$difference" >&2
    exit 1
fi
