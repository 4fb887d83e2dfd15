#!/bin/bash
# Fetches what the tests judge with from PyPI (schemathesis, playwright with axe, ClickHouse's engine, Kubernetes'
# schemas), once and before the first test: a slow network is no failed test.
set -euo pipefail

folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=deploy/pypi-tool.sh
source "$folder/pypi-tool.sh"

pypi_tool schemathesis "$folder/schemathesis.txt" >/dev/null
pypi_tool console-check "$folder/console-check.txt" >/dev/null
pypi_tool clickhouse-check "$folder/clickhouse-check.txt" >/dev/null
pypi_tool k8s-check "$folder/k8s-check.txt" >/dev/null
pypi_tool grafana "$folder/grafana-check.txt" >/dev/null
