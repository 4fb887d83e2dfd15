"""Writes the users of Kafka from what the program says of its roles.

  users.py PROGRAM >deploy/k8s/kafka/users.yaml
  users.py PROGRAM restore >deploy/k8s/components/restore/user.yaml
"""
import sys

from facts import Facts
from rules_kafka import CLUSTER, RESTORE, restoring, wanted

HEADER = """\
# A user for each of ours, with what `torghut roles access` says that it does, and nothing else. Written by
# deploy/k8s-check/users.py, and held against the program by test: whoever changes what a role touches writes this anew.
"""


RESTORER = """\
# Who gives a log back: writes every topic, under the one name of a restore. Written by deploy/k8s-check/users.py.
"""


def text(header, users, place=(), labels=()):
    parts = []
    for name, rules in sorted(users.items()):
        lines = [
            "apiVersion: kafka.strimzi.io/v1beta2", "kind: KafkaUser", "metadata:", f"  name: {name}", *place, "  labels:",
            f"    strimzi.io/cluster: {CLUSTER}", *labels, "spec:", "  authentication:", "    type: tls", "  authorization:",
            "    type: simple", "    acls:",
        ]
        for (kind, resource, pattern), operations in sorted(rules.items()):
            lines.append(f"      - resource: {{type: {kind}, name: {resource}, patternType: {pattern}}}")
            lines.append(f"        operations: [{', '.join(sorted(operations))}]")
        parts.append("\n".join(lines) + "\n")
    return header + "---\n".join(parts)


if __name__ == "__main__":
    facts = Facts(sys.argv[1])
    if sys.argv[2:] == ["restore"]:
        # A component's objects say themselves where they live.
        place = ["  namespace: kafka"], ["    app.kubernetes.io/component: restore"]
        print(text(RESTORER, {RESTORE: restoring(facts)}, *place), end="")
    else:
        print(text(HEADER, wanted(facts)), end="")
