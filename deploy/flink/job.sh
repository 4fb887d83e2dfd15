#!/bin/bash
# Prints the whole job as one SQL script: settings, columns, where they lie, views, and all queries as one job.
#
#   job.sh kafka HOST:PORT[,…]                  production: bin/sql-client.sh -f <(job.sh kafka broker:9092)
#   job.sh files INPUT OUTPUT batch|streaming|following   the same queries over files that 'torghut log read' wrote
#
# Of these only the part behind WITH differs: kafka.sql or files.sql. FLINK_SQL names another folder of .sql files.
set -euo pipefail

folder="${FLINK_SQL:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)}"

usage() {
    sed -n '4,5s/^# *//p' "${BASH_SOURCE[0]}" >&2
    exit 64
}

# What is put in stands between quotes in SQL, and in a substitution here.
plain() {
    [[ "$1" =~ ^[A-Za-z0-9_./:,@+-]+$ ]] || {
        echo "job.sh: '$1' has characters that it may not have here" >&2
        exit 64
    }
}

cat "$folder/settings.sql"
case "${1:-}" in
kafka)
    [[ $# -eq 2 ]] || usage
    plain "$2"
    tables="$(sed "s|@BOOTSTRAP@|$2|g" "$folder/kafka.sql")"
    ;;
files)
    [[ $# -eq 4 ]] || usage
    plain "$2"
    plain "$3"
    case "$4" in
    # Only its end counts, and a file takes no row back.
    batch) parity="filesystem', 'format' = 'json', 'path' = '$3/shadow_parity" ;;
    # A log of changes, as upsert-kafka is told them.
    streaming | following) parity="print', 'print-identifier' = 'shadow_parity" ;;
    *) usage ;;
    esac
    tables="$(sed "s|@INPUT@|$2|g; s|@OUTPUT@|$3|g; s|@PARITY@|$parity|" "$folder/files.sql")"
    if [[ "$4" == following ]]; then
        # More files may come, so the job never ends.
        tables="$(sed "s|\.jsonl',|.jsonl', 'source.monitor-interval' = '1 s',|" <<<"$tables")"
        echo "SET 'execution.checkpointing.interval' = '1 s';"
    else
        echo "SET 'execution.runtime-mode' = '$4';"
        # A file ends, and so does the job: whoever waits wants to know.
        echo "SET 'table.dml-sync' = 'true';"
    fi
    ;;
*) usage ;;
esac
cat "$folder/columns.sql"
echo "$tables"
cat "$folder/views.sql"
echo "EXECUTE STATEMENT SET"
echo "BEGIN"
cat "$folder"/queries/*.sql
echo "END;"
