"""Holds deploy/k8s against Kubernetes and against the program.

  check.py PROGRAM [FOLDER]     FOLDER is the top of a copy of the repository; one line for each fault; 1 when there is one
  check.py PROGRAM --planted    breaks copies on purpose, each in one way, and looks that each is found
"""
import pathlib
import shutil
import sys

import against
import alerts
import image
import planted
import rules_argo
import rules_kafka
import rules_names
import rules_network
import rules_pods
import schema
from facts import ROOT, Facts
from objects import World
from render import Refused, render

OVERLAYS = ("paper", "live")
# Each overlay as it is, and with what it does not have by itself.
VARIANTS = ((), ("../../components/knative-api", "../../components/restore"))


def worlds(top, thorough):
    """Every result that somebody may install, with its name; or each overlay and each variant once."""
    folder = top / "deploy/k8s"
    for overlay in OVERLAYS:
        for more in VARIANTS if thorough else [VARIANTS[OVERLAYS.index(overlay)]]:
            name = "+".join([overlay, *(path.rpartition("/")[2] for path in more)])
            yield name, World(render(folder / "overlays" / overlay, more))


def faults(top, facts, thorough=True):
    """Everything that is wrong, each fault once, with the variants that have it."""
    found, scaled = {}, set()
    try:
        for name, world in worlds(top, thorough):
            for fault in one_world(world, facts):
                found.setdefault(fault, []).append(name)
            scaled |= {(one["spec"]["scaleTargetRef"]["kind"], one["spec"]["scaleTargetRef"]["name"])
                       for one in world.of("HorizontalPodAutoscaler")}
        base = World(render(top / "deploy/k8s/base"))
        for fault in rules_names.defaults(base, facts):
            found.setdefault(fault, []).append("base")
        for fault in [*rules_argo.application(top, OVERLAYS, scaled), *image.faults(top, facts), *alerts.faults(top)]:
            found.setdefault(fault, [])
    except Refused as error:
        found[str(error)] = []
    return [fault + (f" ({', '.join(names)})" if names else "") for fault, names in found.items()]


def one_world(world, facts):
    yield from schema.faults(world.objects)
    for rules in (rules_pods, rules_names, rules_network, rules_kafka, rules_argo):
        yield from rules.faults(world, facts)


def main(arguments):
    facts = Facts(arguments[0])
    if arguments[1:] == ["--planted"]:
        return planted.run(lambda top: faults(top, facts, thorough=False))
    top = pathlib.Path(arguments[1]) if len(arguments) > 1 else ROOT
    found = faults(top, facts)
    if shutil.which("kubectl"):
        found += [f for name in OVERLAYS for f in against.differences(str(top / "deploy/k8s/overlays" / name))]
    for fault in found:
        print(fault)
    if not found:
        print(f"k8s: {sum(len(world.objects) for _, world in worlds(top, True))} objects, nothing to say")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
