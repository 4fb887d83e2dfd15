#!/bin/bash
# Makes the pictures of docs/tour.md from a system that runs: starts one in a folder of its own, uses it as the page
# tells, and ends it.
#
#   tour.sh TORGHUT [FOLDER]      the program, and where the pictures go (docs/tour)
set -euo pipefail

[[ $# -ge 1 ]] || {
    echo "usage: $(basename "$0") TORGHUT [FOLDER]" >&2
    exit 64
}
folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
program="$(realpath "$1")"
pictures="$(realpath -m "${2:-$folder/../../docs/tour}")"

work="$(mktemp -d)"
end() {
    [[ -z "${up:-}" ]] || { kill -INT "$up" 2>/dev/null && wait "$up" || true; }
    rm -rf "$work"
}
trap end EXIT
mkdir -p "$work/data" "$pictures"
(cd "$work/data" && exec "$program" up --fresh) >"$work/said" 2>&1 &
up=$!
for _ in $(seq 600); do
    [[ -e "$work/data/.torghut/up.json" ]] && break
    kill -0 "$up" 2>/dev/null || {
        tail -n 20 "$work/said" >&2
        exit 1
    }
    read -rt 0.1 <> <(:) || true
done
bash "$folder/with-browser.sh" tour.py "$work/data/.torghut/up.json" "$pictures" --program "$program"
