#!/bin/bash
# Holds deploy/clickhouse against ClickHouse's own engine: types, duplicates, sums beside Postgres', the way through a
# broker, the queries of docs/clickhouse.md; plants faults and finds them. Ends with 3 and what is wrong.
#
#   check-clickhouse.sh --program TORGHUT --folder DIR --dsn POSTGRES [--every-kind] [--serve]
#
# DIR holds a data folder (.torghut) with a day on its journal, POSTGRES the read models of that day; with --every-kind
# a day that lacks a kind of event is wrong, because nothing is shown by it. With --serve it prints an address where the
# engine answers over HTTP, and goes on until standard input ends.
# The engine is chdb from PyPI, in the version of clickhouse-check.txt, in a folder of its own (deploy/pypi-tool.sh).
set -euo pipefail

folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$folder/pypi-tool.sh"
home="$(pypi_tool clickhouse-check "$folder/clickhouse-check.txt")"
# No .pyc beside the sources.
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
exec "$home/bin/python" "$folder/clickhouse-check/check.py" "$@"
