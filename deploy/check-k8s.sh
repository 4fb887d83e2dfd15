#!/bin/bash
# Holds deploy/k8s against Kubernetes' schemas and against the program: ports, settings, routes, metrics, topics, rights.
#
#   check-k8s.sh PROGRAM              everything; one line for each fault, 1 when there is one
#   check-k8s.sh PROGRAM --planted    breaks copies on purpose, and looks that each fault is found
#   check-k8s.sh PROGRAM --live       starts every container as its manifest says, with everything away, and asks its probes
#   check-k8s.sh bill RELEASE         a release's files against its bill of materials, and the bill against CycloneDX
#
# kubernetes-validate comes from PyPI, in the versions of k8s-check.txt, into a folder of its own that is kept. With kubectl
# here, what is rendered is held against its Kustomize too.
set -euo pipefail

[[ $# -ge 1 ]] || {
    echo "usage: $(basename "$0") PROGRAM [--planted|--live] | bill RELEASE" >&2
    exit 64
}
folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$folder/pypi-tool.sh"
home="$(pypi_tool k8s-check "$folder/k8s-check.txt")"
export PYTHONDONTWRITEBYTECODE=1
case "$1 ${2:-}" in
bill\ *)
    schemas="$("$home/bin/python" -c 'import cyclonedx.schema as one; print(one.__path__[0])')/_res"
    exec "$home/bin/python" "$folder/package/check_bill.py" "$2" "$schemas"
    ;;
*\ --live) exec "$home/bin/python" "$folder/k8s-check/live.py" "$1" ;;
*) exec "$home/bin/python" "$folder/k8s-check/check.py" "$@" ;;
esac
