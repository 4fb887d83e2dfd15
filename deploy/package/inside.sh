#!/bin/bash
# What test-package.sh has done inside the bare Debian: inside.sh RELEASE
set -euo pipefail

bin="$1/bin"
cd /
! command -v swift >/dev/null
"$bin/torghut" version
[[ "$("$bin/torghut" version --json)" =~ \"commit\":\"[0-9a-f]{40} ]]
"$bin/lean-runner" --help >/dev/null
"$bin/torghut-sim" --help >/dev/null

# Somebody who may do nothing is told the same.
setpriv --reuid=65534 --regid=65534 --clear-groups "$bin/torghut" version >/dev/null

mkdir -p /var/tmp/trade
export TORGHUT_DATA_DIR=/var/tmp/trade/data
"$bin/torghut" doctor
# Ends with 3 when no order went through or a story is not whole.
"$bin/torghut" up --for 20s
