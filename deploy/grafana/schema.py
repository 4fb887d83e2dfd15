"""Holds dashboards against Grafana's own kit for making them: what it reads and writes again must be what was read.

  schema.py FILE…     exit code 1 names each field that Grafana's types do not know, or lose
"""
import importlib
import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as kit
from grafana_foundation_sdk.models import prometheus

# What a panel's options and its fields' own settings are read by, of each kind of panel.
KINDS = {"timeseries": "timeseries", "stat": "stat", "table": "table", "state-timeline": "statetimeline",
         "heatmap": "heatmap", "bargauge": "bargauge", "text": "text"}
ADDED = object()
# Fields of annotations that belong to the source's own plugin, of which the kit knows no type.
OWN = {"titleFormat", "textFormat", "step", "useValueForTime", "target"}


def lost(said, kept, place):
    """Where something of `said` is not in `kept`, or is there as something else."""
    if isinstance(said, dict) and isinstance(kept, dict):
        for key, value in said.items():
            yield from lost(value, kept.get(key, ADDED), f"{place}.{key}")
    elif isinstance(said, list) and isinstance(kept, list) and len(said) == len(kept):
        for number, (one, other) in enumerate(zip(said, kept)):
            yield from lost(one, other, f"{place}[{number}]")
    elif kept is ADDED:
        # An empty value that the kit leaves out says nothing.
        if said not in ("", [], {}, None, False, 0):
            yield f"{place} is no field of Grafana's"
    elif said != kept:
        yield f"{place} is {said!r}, and Grafana keeps {kept!r}"


def again(model, said):
    return json.loads(json.dumps(model.from_json(said), cls=JSONEncoder))


def faults(path):
    said = json.loads(Path(path).read_text(encoding="utf-8"))
    for note in said["annotations"]["list"]:
        typed = {key: value for key, value in note.items() if key not in OWN}
        yield from lost(typed, again(kit.AnnotationQuery, typed), f"{path}: annotation {note['name']}")
    typed = dict(said, annotations={"list": []})
    yield from lost(typed, again(kit.Dashboard, typed), path)
    numbers, places = set(), set()
    for panel in said["panels"]:
        name = f"{path}: {panel['title']}"
        if panel["id"] in numbers:
            yield f"{name}: id {panel['id']} is another panel's"
        numbers.add(panel["id"])
        grid = panel["gridPos"]
        taken = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])}
        if taken & places or grid["x"] + grid["w"] > 24:
            yield f"{name}: it lies upon another panel, or beyond the edge"
        places |= taken
        if panel["type"] == "row":
            continue
        if panel["type"] not in KINDS:
            yield f"{name}: {panel['type']} is no kind of panel that is known here"
            continue
        module = importlib.import_module(f"grafana_foundation_sdk.models.{KINDS[panel['type']]}")
        yield from lost(panel["options"], again(module.Options, panel["options"]), f"{name}: options")
        custom = panel.get("fieldConfig", {}).get("defaults", {}).get("custom")
        if custom and hasattr(module, "FieldConfig"):
            yield from lost(custom, again(module.FieldConfig, custom), f"{name}: custom")
        if panel["type"] != "text" and not (panel["description"] and panel["targets"]):
            yield f"{name}: it has no description, or asks nothing"
        for target in panel.get("targets", []):
            if "expr" in target:
                yield from lost(target, again(prometheus.Dataquery, target), f"{name}: query")
            if target["datasource"]["uid"] not in ("${datasource}", "${postgres}"):
                yield f"{name}: its source is no variable"


def main(paths):
    found = [fault for path in paths for fault in faults(path)]
    for fault in found:
        print(fault, file=sys.stderr)
    if not found:
        print(f"{len(paths)} dashboards, as Grafana's types have them")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
