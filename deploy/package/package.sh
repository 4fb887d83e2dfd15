#!/bin/bash
# Makes the release: one tarball that runs wherever it is unpacked on a Debian 12 with the packages of packages.txt.
#
#   package.sh [OUT]        default .build/package/out; the tarball, its SHA-256, and its bill of materials
#
# What it was made of is in `torghut version`: TORGHUT_COMMIT, else the commit that is checked out (-dirty with changes).
# The same commit on the same Debian gives the same files in the same order, at the time of the commit.
set -euo pipefail

top="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
here="$top/deploy/package"
out="${1:-$top/.build/package/out}"
programs=(torghut lean-runner torghut-sim)

fail() {
    echo "package: $1" >&2
    exit 1
}

cd "$top"
commit="${TORGHUT_COMMIT:-}"
if [[ -z "$commit" ]]; then
    commit="$(git rev-parse HEAD 2>/dev/null)" || fail "this is no checkout; say in TORGHUT_COMMIT what it is made of"
    [[ -z "$(git status --porcelain --untracked-files=no)" ]] || commit="$commit-dirty"
fi
[[ "$commit" =~ ^[0-9a-f]{40}(-dirty)?$ ]] || fail "TORGHUT_COMMIT is a whole commit, not '$commit'"
moment="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}"
version="$(sed -n 's/^ *static let number = "\(.*\)"$/\1/p' Sources/torghut/Commands/Version.swift)"
[[ "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "Version.swift names no version"
name="torghut-$version-debian12-$(dpkg --print-architecture)"

# A folder of its own: linked otherwise than for tests.
scratch="$top/.build/package/swift"
for program in "${programs[@]}"; do
    TORGHUT_COMMIT="$commit" swift build -c release --static-swift-stdlib --scratch-path "$scratch" \
        --explicit-target-dependency-import-check error --product "$program"
done
built="$(swift build -c release --static-swift-stdlib --scratch-path "$scratch" --show-bin-path)"

stage="$top/.build/package/stage/$name"
rm -rf "$stage"
bash "$here/stage.sh" "$built" "$stage"
bash "$here/linked.sh" "$stage"/bin/* || fail "packages.txt is not what the programs are linked with"
python3 "$here/bill.py" "$stage" "$version" "$commit" "$moment" >"$stage/share/torghut/sbom.cdx.json"

# The modes that a release has, whatever the umask of who makes it.
find "$stage" -type d -exec chmod 755 {} + , -type f -exec chmod 644 {} +
chmod 755 "$stage"/bin/* "$stage"/share/torghut/deploy/postgres/*.sh
mkdir -p "$out"
tar --create --sort=name --mtime="@$moment" --owner=0 --group=0 --numeric-owner --format=posix \
    --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
    --directory "$(dirname "$stage")" "$name" | gzip --no-name --best >"$out/$name.tar.gz"
cp "$stage/share/torghut/sbom.cdx.json" "$out/$name.cdx.json"
(cd "$out" && sha256sum "$name.tar.gz" "$name.cdx.json" >"$name.sha256")
echo "package: $out/$name.tar.gz ($(($(stat --format %s "$out/$name.tar.gz") >> 20)) MiB, commit $commit)"
