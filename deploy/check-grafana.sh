#!/bin/bash
# Holds dashboards against Grafana's own types: what they do not know, or read as something else, is named.
#
#   check-grafana.sh FILE…    for instance deploy/grafana/dashboards/*.json
#
# The types come from PyPI, in the version of grafana-check.txt, into a folder of their own that is kept: TORGHUT_TOOLS,
# or .build/tools beside this folder.
set -euo pipefail

[[ $# -ge 1 ]] || {
    echo "usage: $(basename "$0") FILE…" >&2
    exit 64
}
folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$folder/pypi-tool.sh"
home="$(pypi_tool grafana-check "$folder/grafana-check.txt")"
exec "$home/bin/python" "$folder/grafana/schema.py" "$@"
