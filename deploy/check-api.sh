#!/bin/bash
# Runs schemathesis with a running server's own document against it: no answer may be a failure of ours, none may be
# other than documented, and nothing that the document forbids may be taken.
#
#   check-api.sh ADDRESS TOKEN [SECONDS] [SEED]   for instance http://127.0.0.1:8181; default 60 seconds, seed 1
#
# schemathesis comes from PyPI, in the versions of schemathesis.txt, into a folder of its own that is kept:
# TORGHUT_TOOLS, or .build/tools beside this folder.
set -euo pipefail

[[ $# -ge 2 ]] || {
    echo "usage: $(basename "$0") ADDRESS TOKEN [SECONDS] [SEED]" >&2
    exit 64
}
folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
wanted="$folder/schemathesis.txt"
tools="${TORGHUT_TOOLS:-$folder/../.build/tools}"
# Other versions, another folder.
home="$tools/schemathesis-$(sha256sum "$wanted" | cut -c 1-12)"

mkdir -p "$tools"
# Of two who begin at once, one installs.
exec {lock}>"$tools/.lock"
flock "$lock"
if [[ ! -e "$home/whole" ]]; then
    rm -rf "$home"
    /usr/bin/python3 -m venv "$home" >&2 || {
        echo "check-api: python3 cannot make a virtual environment; is python3-venv installed?" >&2
        exit 69
    }
    "$home/bin/python" -m pip install --quiet --no-input --no-deps --disable-pip-version-check \
        --requirement "$wanted" >&2 || {
        echo "check-api: schemathesis could not be installed from PyPI; is PyPI reachable from here?" >&2
        exit 69
    }
    touch "$home/whole"
fi
exec {lock}>&-

# Where it runs it leaves files.
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
# A stream does not end by itself; it has tests of its own. One worker: hypothesis' memory of its own functions is not
# made for several.
"$home/bin/schemathesis" --no-color run "$1/openapi.json" --header "Authorization: Bearer $2" \
    --exclude-path /trading/stream --request-timeout 40 --workers 1 --continue-on-failure --no-shrink \
    --phases examples,coverage,fuzzing --max-examples 12 --max-time "${3:-60}" --seed "${4:-1}" \
    --generation-database none --warnings off --suppress-health-check all \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,negative_data_rejection,unsupported_method,ignored_auth
