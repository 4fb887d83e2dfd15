#!/usr/bin/python3
"""The dashboards of this folder, from boards/*.py.

  dashboards.py write [FOLDER]     writes their JSON; without FOLDER to dashboards/
  dashboards.py check              exit code 1 names each file that is not what would be written, and each query that asks
                                   for a job or a bound of a histogram as only one Prometheus has it
  dashboards.py queries            every query as one line of JSON: board, panel, source, query, and what has to fail
"""
import importlib
import json
import sys
from pathlib import Path

import panels

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "prometheus"))
import promql  # noqa: E402  (it lies beside the rules)
BOARDS = ["control_plane", "decision_safety", "lean_rollout", "projections"]


def variable(name, label, **more):
    return {"name": name, "label": label, "hide": 0, "skipUrlSync": False, **more}


def source(name, label, kind):
    return variable(name, label, type="datasource", query=kind, current={}, options=[], regex="", refresh=1, multi=False,
                    includeAll=False)


def values(name, label, query):
    return variable(
        name, label, type="query", datasource=panels.PROMETHEUS, query={"query": query, "refId": f"variable-{name}", "qryType": 1},
        current={}, options=[], regex="", refresh=2, sort=1, multi=True, includeAll=True, allValue=".+")


def dashboard(board):
    variables = [source("datasource", "Prometheus", "prometheus")]
    if any(query.source == "postgres" for section in board.SECTIONS for p in section.panels for query in p.queries):
        variables.append(source("postgres", "Read models", "grafana-postgresql-datasource"))
    variables += [values(*one) for one in board.VARIABLES]
    return {
        "uid": board.UID, "title": board.TITLE, "description": board.ABOUT, "tags": ["torghut"], "editable": True,
        "schemaVersion": panels.SCHEMA, "version": 1, "timezone": "utc", "graphTooltip": 1, "fiscalYearStartMonth": 0,
        "refresh": "30s", "time": {"from": "now-6h", "to": "now"}, "timepicker": {}, "weekStart": "",
        "links": [{"type": "dashboards", "title": "Torghut", "tags": ["torghut"], "asDropdown": True,
                   "includeVars": True, "keepTime": True, "targetBlank": False, "icon": "external link", "tooltip": "",
                   "url": ""}],
        "annotations": {"list": board.ANNOTATIONS},
        "templating": {"list": variables},
        "panels": panels.placed(board.SECTIONS),
    }


def boards():
    return [importlib.import_module(f"boards.{name}") for name in BOARDS]


def texts():
    return {board.FILE: json.dumps(dashboard(board), indent=1, ensure_ascii=False) + "\n" for board in boards()}


def queries():
    for board in boards():
        for section in board.SECTIONS:
            for panel in section.panels:
                for query in panel.queries:
                    yield {"board": board.TITLE, "panel": panel.title, "source": query.source, "query": query.expr,
                           "fault": query.fault}
        for note in board.ANNOTATIONS:
            kind = "prometheus" if note["datasource"] == panels.PROMETHEUS else "postgres"
            query = note["expr"] if kind == "prometheus" else note["target"]["rawSql"]
            yield {"board": board.TITLE, "panel": note["name"], "source": kind, "query": query,
                   "fault": board.ANNOTATION_FAULTS.get(note["name"], "")}
        for name, _, query in board.VARIABLES:
            yield {"board": board.TITLE, "panel": f"${name}", "source": "labels", "query": query, "fault": ""}


def narrow():
    """Queries that have no data in another Prometheus than the one they were written beside."""
    for one in queries():
        if one["source"] == "postgres":
            continue
        for selector in promql.read(one["query"])[0]:
            yield from (f"{one['board']}: {one['panel']}: {fault}" for fault in promql.only_here(selector))


def main(words):
    if words[:1] == ["write"] and len(words) <= 2:
        folder = Path(words[1]) if len(words) == 2 else HERE / "dashboards"
        for name, text in texts().items():
            (folder / name).write_text(text, encoding="utf-8")
    elif words == ["check"]:
        wanted, faults = texts(), []
        there = {path.name: path.read_text(encoding="utf-8") for path in (HERE / "dashboards").glob("*.json")}
        faults += [f"{name} is not what the boards say" for name in wanted if there.get(name) != wanted[name]]
        faults += [f"{name} is of no board" for name in there if name not in wanted]
        faults = [f"dashboards/{fault}" for fault in faults] + list(narrow())
        for fault in faults:
            print(fault, file=sys.stderr)
        return 1 if faults else 0
    elif words == ["queries"]:
        for query in queries():
            print(json.dumps(query, ensure_ascii=False))
    else:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
