"""Series as a Prometheus has them, with their labels: recorded in a file, or asked for now."""
import json
import re
import urllib.parse
import urllib.request
from pathlib import Path

import promql

LINE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:\\.|[^"\\])*)"')
# Told by Prometheus itself of each target.
SCRAPE = re.compile(r"scrape_.*")


def text(name, labels):
    inner = ",".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in sorted(labels.items()))
    return name + (f"{{{inner}}}" if inner else "")


class Series:
    """All of one scrape, by name: labels and the value."""

    def __init__(self):
        self.families = {}

    def add(self, name, labels, value):
        self.families.setdefault(name, []).append((labels, value))

    @classmethod
    def recorded(cls, path):
        found = cls()
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            if not line or line.startswith("#"):
                continue
            name, inner, value = LINE.fullmatch(line).groups()
            labels = {key: json.loads(f'"{raw}"') for key, raw in LABEL.findall(inner or "")}
            found.add(name, labels, value)
        return found

    @classmethod
    def live(cls, address):
        """What the server has seen of its targets since it started."""
        found = cls()
        for one in ask(address, "series", {"match[]": '{job=~".+"}'}):
            name = one.pop("__name__")
            if not SCRAPE.fullmatch(name) and not name.startswith("ALERTS"):
                found.add(name, one, "")
        return found

    def of(self, selector):
        return [(labels, value) for labels, value in self.families.get(selector.name, []) if selector.takes(labels)]

    def has_label(self, name, label):
        return any(label in labels for labels, _ in self.families.get(name, []))


def ask(address, path, parameters):
    query = urllib.parse.urlencode(parameters, doseq=True)
    with urllib.request.urlopen(f"{address}/api/v1/{path}?{query}", timeout=20) as answer:
        return json.load(answer)["data"]


def one(text_of_selector):
    selectors, _ = promql.read(text_of_selector)
    if len(selectors) != 1:
        raise ValueError(f"{text_of_selector} is not one selector")
    return selectors[0]
