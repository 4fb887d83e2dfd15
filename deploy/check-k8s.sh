#!/bin/bash
# Holds deploy/k8s against Kubernetes' schemas and against the program: ports, settings, routes, metrics, topics, rights.
#
#   check-k8s.sh PROGRAM              everything; one line for each fault, 1 when there is one
#   check-k8s.sh PROGRAM --planted    breaks copies on purpose, and looks that each fault is found
#
# kubernetes-validate comes from PyPI, in the versions of k8s-check.txt, into a folder of its own that is kept. With kubectl
# here, what is rendered is held against its Kustomize too.
set -euo pipefail

[[ $# -ge 1 ]] || {
    echo "usage: $(basename "$0") PROGRAM [--planted]" >&2
    exit 64
}
folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$folder/pypi-tool.sh"
home="$(pypi_tool k8s-check "$folder/k8s-check.txt")"
exec "$home/bin/python" -B "$folder/k8s-check/check.py" "$@"
