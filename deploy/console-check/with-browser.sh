#!/bin/bash
# Runs a script beside this one with the Python that has playwright and axe-core.
#
#   with-browser.sh SCRIPT ARGUMENTS…      for instance check.py .torghut/up.json
#
# Both come from PyPI, in the versions of console-check.txt, into a folder of its own that is kept: TORGHUT_TOOLS, or
# .build/tools at the top. The browser is Debian's (TORGHUT_CHROMIUM names another one); nothing else is downloaded.
set -euo pipefail

[[ $# -ge 1 ]] || {
    echo "usage: $(basename "$0") SCRIPT [ARGUMENTS…]" >&2
    exit 64
}
folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
browser="${TORGHUT_CHROMIUM:-/usr/bin/chromium}"
[[ -x "$browser" ]] || {
    echo "console-check: there is no $browser; deploy/setup.sh installs it" >&2
    exit 69
}
source "$folder/../pypi-tool.sh"
home="$(pypi_tool console-check "$folder/../console-check.txt")"

script="$1"
shift
# No .pyc beside the sources; what Chromium writes of itself goes where it is removed.
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
export HOME="$work" XDG_CONFIG_HOME="$work/config" XDG_CACHE_HOME="$work/cache"
"$home/bin/python" "$folder/$script" "$@"
