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
source "$folder/pypi-tool.sh"
home="$(pypi_tool schemathesis "$folder/schemathesis.txt")"

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
