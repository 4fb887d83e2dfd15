#!/bin/bash
# Runs a release where nothing is but a bare Debian 12 and the packages that the release itself asks for.
#
#   test-package.sh [TARBALL]     default: the one in .build/package/out
#
# The Debian is made by mmdebstrap for that, kept beside the tarball while the lists of packages are the same, and entered
# without a network. The release is unpacked, moved elsewhere, asked what it is and what the machine lacks, looked through
# for its bill, and trades for a while on its own simulated broker.
set -euo pipefail

top="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
fail() {
    echo "test-package: $1" >&2
    exit 1
}
tarball="${1:-$(find "$top/.build/package/out" -name 'torghut-*.tar.gz' | sort | tail -1)}"
[[ -f "$tarball" ]] || fail "there is no tarball; make package makes one"
[[ "$(id -u)" -eq 0 ]] || fail "root is needed to enter another root"
command -v mmdebstrap >/dev/null || fail "there is no mmdebstrap; apt-get install mmdebstrap"

folder="$(dirname "$tarball")"
(cd "$folder" && sha256sum --check --quiet "$(basename "${tarball%.tar.gz}").sha256") || fail "the tarball is not what it was"
name="$(tar --list --gzip --file "$tarball" | head -1 | cut -d / -f 1 || true)"
wanted="$(tar --extract --gzip --to-stdout --file "$tarball" \
    "$name/share/torghut/packages.txt" "$name/share/torghut/packages-up.txt" | sed -e 's/#.*//' -e '/^$/d' | sort -u | paste -sd ,)"

# A Debian that has these packages and no others.
bare="$folder/../bare-$(sha256sum <<<"$wanted" | cut -c 1-12)"
if [[ ! -e "$bare.whole" ]]; then
    rm -rf "$bare"
    # Debian makes a cluster when it installs a server; ours is a private one.
    mmdebstrap --quiet --variant=minbase --include="$wanted" \
        --essential-hook='mkdir -p "$1/etc/postgresql-common" && echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.conf"' \
        bookworm "$bare" || fail "mmdebstrap could not make a Debian 12"
    touch "$bare.whole"
fi

rm -rf "$bare/opt/first" "$bare/srv/second" "$bare/var/tmp/trade"
mkdir -p "$bare/opt/first" "$bare/dev/shm"
tar --extract --gzip --directory "$bare/opt/first" --file "$tarball"
# Wherever it lies: nothing may remember where it was unpacked, or where it was built.
mv "$bare/opt/first/$name" "$bare/srv/second"
[[ ! -e "$bare$top" ]] || fail "the bare Debian has a folder $top"

python3 "$top/deploy/package/check_bill.py" "$bare/srv/second"

# Inside: loopback and /proc of its own, and no way out.
cp "$top/deploy/package/inside.sh" "$bare/inside.sh"
unshare --mount --pid --net --fork bash -euo pipefail -c '
    ip link set lo up
    mount -t proc proc "$0/proc"
    mount -t tmpfs tmpfs "$0/dev/shm"
    exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root bash /inside.sh /srv/second
' "$(cd "$bare" && pwd)"
echo "test-package: $name works on a bare Debian 12, with $(tr ',' '\n' <<<"$wanted" | wc -l) packages asked for"
