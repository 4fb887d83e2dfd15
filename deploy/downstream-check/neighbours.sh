#!/bin/bash
# Starts neighbours.py with ClickHouse's engine from PyPI (clickhouse-check.txt), for the tests of 'downstream verify'.
set -euo pipefail

folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$folder/../pypi-tool.sh"
home="$(pypi_tool clickhouse-check "$folder/../clickhouse-check.txt")"
export PYTHONDONTWRITEBYTECODE=1
exec "$home/bin/python" "$folder/neighbours.py"
