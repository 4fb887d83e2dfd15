"""Writes deploy/k8s/kafka/users.yaml from what the program says of its roles: users.py PROGRAM >users.yaml"""
import sys

from facts import Facts
from rules_kafka import CLUSTER, wanted

HEADER = """\
# A user for each of ours, with what `torghut roles access` says that it does, and nothing else. Written by
# deploy/k8s-check/users.py, and held against the program by test: whoever changes what a role touches writes this anew.
"""


def text(facts):
    parts = []
    for name, rules in sorted(wanted(facts).items()):
        lines = [
            "apiVersion: kafka.strimzi.io/v1beta2", "kind: KafkaUser", "metadata:", f"  name: {name}", "  labels:",
            f"    strimzi.io/cluster: {CLUSTER}", "spec:", "  authentication:", "    type: tls", "  authorization:",
            "    type: simple", "    acls:",
        ]
        for (kind, resource, pattern), operations in sorted(rules.items()):
            lines.append(f"      - resource: {{type: {kind}, name: {resource}, patternType: {pattern}}}")
            lines.append(f"        operations: [{', '.join(sorted(operations))}]")
        parts.append("\n".join(lines) + "\n")
    return HEADER + "---\n".join(parts)


if __name__ == "__main__":
    print(text(Facts(sys.argv[1])), end="")
