#!/bin/bash
# Lays a release out: the programs of one folder, and beside them what they read.
#
#   stage.sh BUILT STAGE
#
# The programs look for their files in share/torghut of the folders above them (docs/kubernetes.md#the-release).
set -euo pipefail

built="$1" stage="$2"
top="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
share="$stage/share/torghut"

mkdir -p "$stage/bin" "$share/deploy"
for program in torghut lean-runner torghut-sim; do
    cp "$built/$program" "$stage/bin/$program"
    # Names of functions stay, for backtraces; what a debugger wants goes.
    strip --strip-debug "$stage/bin/$program"
done
cp -R "$top/schemas" "$top/topics" "$top/docs" "$share/"
cp -R "$top/deploy/console" "$top/deploy/postgres" "$top/deploy/k8s" "$share/deploy/"
for part in prometheus grafana clickhouse flink; do
    if [[ -d "$top/deploy/$part" ]]; then cp -R "$top/deploy/$part" "$share/deploy/"; fi
done
cp "$top/README.md" "$top/CHANGELOG.md" "$top/deploy/package/packages.txt" "$top/deploy/package/packages-up.txt" "$share/"
