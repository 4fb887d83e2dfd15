#!/bin/bash
# Runs the queries of this folder in a real Flink over files that our program wrote, and holds what comes of them
# against our own folds; plants faults and finds them; asks the running job over REST. Ends with a line
# 'flink: N queries, equal to our folds', or with 3 and what is wrong.
#
#   check.sh INPUT OURS PROGRAM [--record FOLDER]
#
# INPUT has a file TOPIC.jsonl for each topic ('torghut log read --values'), OURS a CSV file for each of check/*.sql,
# PROGRAM is torghut, in a folder with a data folder. --record keeps what Flink's REST interface says (deploy/downstream-check/recorded).
# Everything is on loopback and has ended when this ends. Flink comes from PyPI, see check.txt (330 MB, once).
set -euo pipefail

folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$folder/../pypi-tool.sh"
[[ $# -ge 3 ]] || {
    sed -n '6s/^# *//p' "${BASH_SOURCE[0]}" >&2
    exit 64
}
home="$(pypi_tool flink "$folder/check.txt")"
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
exec "$home/bin/python" "$folder/check/check.py" "$home"/lib/python3*/site-packages/pyflink "$@"
