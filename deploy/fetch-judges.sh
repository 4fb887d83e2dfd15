#!/bin/bash
# Fetches what the tests judge with from PyPI (schemathesis, playwright with axe, ClickHouse's engine, the types of
# Kubernetes and Grafana), once and before the first test: a slow network is no failed test.
set -euo pipefail

folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$folder/pypi-tool.sh"

for wanted in "$folder/schemathesis.txt" "$folder"/*-check.txt; do
    pypi_tool "$(basename "$wanted" .txt)" "$wanted" >/dev/null
done
