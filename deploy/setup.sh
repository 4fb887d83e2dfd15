#!/bin/bash
# Installs what deploy/packages.txt names and this machine lacks. Asks nothing, starts no service, and is done in a
# moment when everything is there.
set -euo pipefail

folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

fail() {
    echo "setup: $1" >&2
    exit 1
}

# Read in full before anything is installed: apt would take our standard input for its own.
mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$folder/packages.txt")

command -v swift >/dev/null || fail "there is no 'swift' on the PATH; Swift 6.3 is what setup does not install"
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    fail "this is not Debian; install by hand what these packages hold, then go on: ${wanted[*]}"

# dpkg-query fails when it does not know one of the names, and still lists the others.
installed="$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null || true)"
missing=()
for package in "${wanted[@]}"; do
    grep -qxF "$package installed" <<<"$installed" || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then
    echo "setup: all ${#wanted[@]} packages are there"
    exit 0
fi

as_root=()
if [[ "$(id -u)" -ne 0 ]]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null ||
        fail "root is needed (or sudo without a password) to install: ${missing[*]}"
    # sudo resets the environment, so what apt needs is set behind it.
    as_root=(sudo -n)
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq
    -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold)

# Debian starts a service when it installs one, unless policy-rc.d says no (101). A machine's own policy is kept.
policy=/usr/sbin/policy-rc.d
allow_services() {
    "${as_root[@]}" rm -f "$policy"
}
if [[ ! -e "$policy" ]]; then
    trap allow_services EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi

# Debian makes a cluster when it installs a server; ours are private ones. A machine's own choice is kept.
clusters=/etc/postgresql-common/createcluster.conf
if [[ " ${missing[*]} " == *" postgresql-15 "* && ! -e "$clusters" ]]; then
    "${as_root[@]}" mkdir -p "${clusters%/*}"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$clusters" >/dev/null
fi

echo "setup: installing ${missing[*]}"
"${apt[@]}" update </dev/null || fail "apt-get update failed; is a Debian mirror reachable?"
"${apt[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null >/dev/null ||
    fail "apt-get could not install: ${missing[*]}"

# We want promtool; the server that comes with it shall not run at the next boot either.
if [[ " ${missing[*]} " == *" prometheus "* ]] && command -v systemctl >/dev/null; then
    "${as_root[@]}" systemctl disable --quiet prometheus.service 2>/dev/null ||
        echo "setup: prometheus.service could not be disabled; it may start at the next boot" >&2
fi
echo "setup: installed ${#missing[@]} packages"
