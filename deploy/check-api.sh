#!/bin/bash
# Runs schemathesis (PyPI; `pip install schemathesis`) with a running server's own document against it: no answer may
# be a failure of ours, and none may be other than documented.
#
#   check-api.sh ADDRESS TOKEN [EXAMPLES]   for instance http://127.0.0.1:8181; of each operation so many, default 30
set -euo pipefail

[[ $# -ge 2 ]] || {
    echo "usage: $(basename "$0") ADDRESS TOKEN [EXAMPLES]" >&2
    exit 64
}
command -v schemathesis >/dev/null || {
    echo "check-api: there is no schemathesis on the PATH; pip install schemathesis" >&2
    exit 69
}
# A stream does not end by itself; it has tests of its own.
exec schemathesis run "$1/openapi.json" -H "Authorization: Bearer $2" --max-examples "${3:-30}" \
    --exclude-path /trading/stream --request-timeout 20 \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method,ignored_auth
