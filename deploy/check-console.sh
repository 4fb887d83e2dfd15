#!/bin/bash
# Looks at every page of a running system's console with a browser, compares its figures with psql and the log, and
# uses it: ends with 3 and every fault by name when something is wrong.
#
#   check-console.sh UP_JSON [--program TORGHUT] [--only PART] [--pictures FOLDER]
#
# UP_JSON is what `torghut up` writes into its data folder. The clicks kill, resume and break things there: give it a
# system that is started for this.
set -euo pipefail

exec bash "$(dirname "${BASH_SOURCE[0]}")/console-check/with-browser.sh" check.py "$@"
