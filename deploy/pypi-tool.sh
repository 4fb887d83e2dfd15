# For scripts that judge with a Python program from PyPI: they source this file, and call what is below.
#
#   home="$(pypi_tool NAME REQUIREMENTS)"      $home/bin/python has what REQUIREMENTS names, in its versions
#
# It lies in a folder of its own that is kept: TORGHUT_TOOLS, or .build/tools at the top. Nothing else is installed.

pypi_tool() {
    local name="$1" wanted="$2" tools home lock pause
    tools="${TORGHUT_TOOLS:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.build/tools}"
    # Other versions, another folder.
    home="$tools/$name-$(sha256sum "$wanted" | cut -c 1-12)"
    mkdir -p "$tools"
    # Of two who begin at once, one installs.
    exec {lock}>"$tools/.lock"
    flock "$lock"
    if [[ ! -e "$home/whole" ]]; then
        rm -rf "$home"
        /usr/bin/python3 -m venv "$home" >&2 || {
            echo "$name: python3 cannot make a virtual environment; is python3-venv installed?" >&2
            return 69
        }
        # A connection that breaks is no reason to fail: what is there already is not fetched again.
        for pause in 0 2 10; do
            sleep "$pause"
            "$home/bin/python" -m pip install --quiet --no-input --no-deps --disable-pip-version-check \
                --requirement "$wanted" >&2 && touch "$home/whole" && break
        done
        [[ -e "$home/whole" ]] || {
            echo "$name: what $(basename "$wanted") names could not be installed; is PyPI reachable from here?" >&2
            return 69
        }
    fi
    exec {lock}>&-
    echo "$home"
}
