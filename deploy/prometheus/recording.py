"""The recording: every series of a Prometheus that scrapes a busy system, at one moment, and those that came later."""
import re

import series

HEAD = """# Every series that a Prometheus had of a busy system, with the values of one calm moment; and what a breach added to them.
# Written by deploy/prometheus/judge.py record ADDRESS; the tests of the alerts take their series from here.
"""
# A process is named for its host, its number and when it started: of another run it is another one.
PROCESS = re.compile(r"[^/]+/\d+@.*")


def write(path, address, more=False):
    """All of it; or, if `more`, only what is not in there yet."""
    there = {line.rpartition(" ")[0]: line for line in path.read_text(encoding="utf-8").splitlines()
             if not line.startswith("#")} if more else {}
    for one in series.ask(address, "query", {"query": '{job=~".+"}'})["result"]:
        labels = one["metric"]
        name = labels.pop("__name__")
        if series.SCRAPE.fullmatch(name) or name.startswith("ALERTS") or ":" in name:
            continue
        if "process" in labels and PROCESS.fullmatch(labels["process"]):
            labels["process"] = "host/1@2026-02-12T15:00:00Z"
        key = series.text(name, labels)
        there.setdefault(key, f"{key} {one['value'][1]}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + "\n".join(sorted(there.values())) + "\n", encoding="utf-8")
    print(f"{len(there)} series")
    return []
