"""Holds the runbook pages against the programs and the other pages: whatever a page names must be there.

    check.py FOLDER --programs DIR [--docs DIR] [--rules DIR]

Checked are: every command line of torghut (does the program know the command, its options, and whether each takes a
value), of torghut-sim and lean-runner (their words); every metric (docs/metrics.md, or an exporter of ours), every setting
(the other pages) and every topic (topics/); that each alert of the rules has its page with the four headings, and each
page of an alert its rule. Exit code 3 when something is not there; each line names page and line.
"""

import argparse
import pathlib
import re
import sys

from page import Page, pages
from programs import Programs, commands

HEADINGS = ("What it means", "How to see", "What to do", "How to undo")
METRIC = re.compile(r"\b(?:torghut|jangar|execution|process|flink|up)_[a-z0-9_]+\b")
SETTING = re.compile(r"\b(?:TRADING|TORGHUT|APCA|ALPACA|LEAN|ENABLE|RECONNECT)_[A-Z0-9_]*[A-Z0-9]\b")
TOPIC = re.compile(r"\btorghut\.[a-z-]+(?:\.[a-z-]+)*\.v\d+\b")
ALERT = re.compile(r"^\s*-?\s*alert:\s*(\w+)(.*?)(?=^\s*-\s|\Z)", re.MULTILINE | re.DOTALL)
SEVERITY = re.compile(r"\bseverity:\s*(\w+)")


def kebab(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


class Checks:
    def __init__(self, folder, programs, docs, rules):
        self.folder = pathlib.Path(folder)
        self.docs = pathlib.Path(docs)
        self.rules = pathlib.Path(rules)
        self.programs = Programs(programs)
        self.offences = []
        self.counted = {"commands": 0, "metrics": 0, "settings": 0, "topics": 0, "alerts": 0}

    def offend(self, place, what):
        self.offences.append(f"{place}: {what}")

    def run(self):
        found = pages(self.folder)
        if not found:
            self.offend(self.folder, "holds no pages")
        for page in found:
            self.offences += page.problems
            self.of_commands(page)
            self.of_words(page)
        self.of_alerts(found)

    def of_commands(self, page):
        lines = [(step.line, step.command) for step in page.steps]
        lines += [(number, code) for number, line in prose(page.text) for code in re.findall(r"`([^`]+)`", line)
                  if code.startswith(("torghut ", "torghut-sim ", "lean-runner "))]
        for number, line in lines:
            for words in commands(line):
                self.counted["commands"] += 1
                problem = self.programs.problem(words)
                if problem:
                    self.offend(f"{page.name}:{number}", f"{problem}: {' '.join(words)}")

    def of_words(self, page):
        metrics = self.known_metrics()
        settings = set(SETTING.findall("\n".join(
            path.read_text(encoding="utf-8") for path in self.docs.glob("*.md"))))
        topics = {path.stem for path in (self.docs.parent / "topics").glob("*.yaml")} | set(
            TOPIC.findall("\n".join(
                path.read_text(encoding="utf-8") for path in (self.docs.parent / "topics").iterdir())))
        for number, line in enumerate(page.text.split("\n"), 1):
            place = f"{page.name}:{number}"
            for name in METRIC.findall(line):
                self.counted["metrics"] += 1
                # What is searched for may be the beginning of several.
                begins = "grep" in line and any(known.startswith(name) for known in metrics)
                if name not in metrics and re.sub(r"_(?:bucket|sum|count)$", "", name) not in metrics and not begins:
                    self.offend(place, f"there is no metric {name}")
            for name in SETTING.findall(line):
                self.counted["settings"] += 1
                if name not in settings:
                    self.offend(place, f"no page of docs/ names the setting {name}")
            for name in TOPIC.findall(line):
                self.counted["topics"] += 1
                if name not in topics:
                    self.offend(place, f"there is no topic {name}")

    def known_metrics(self):
        """What docs/metrics.md lists, and the exporters' names as the rules' folder and exporters spell them."""
        text = (self.docs / "metrics.md").read_text(encoding="utf-8")
        for place in ("prometheus", "clickhouse"):
            for path in (self.docs.parent / "deploy" / place).rglob("*"):
                if path.suffix in (".py", ".sql", ".md") and path.is_file():
                    text += path.read_text(encoding="utf-8")
        # Written in the environment's or a table's words, and no metric.
        return set(METRIC.findall(text)) | {"torghut_home"}

    def of_alerts(self, found):
        alerts = {}
        for path in sorted(self.rules.rglob("*.y*ml")):
            for name, rule in ALERT.findall(path.read_text(encoding="utf-8")):
                severity = SEVERITY.search(rule)
                alerts.setdefault(kebab(name), (name, severity[1] if severity else "of no severity"))
        self.counted["alerts"] = len(alerts)
        if not alerts:
            self.offend(self.rules, "holds no alerts")
        by_name = {page.path.stem: page for page in found}
        for slug, (name, severity) in alerts.items():
            page = by_name.get(slug)
            if page is None:
                self.offend(f"{slug}.md", f"the alert {name} has no page")
                continue
            if page.title != name:
                self.offend(page.name, f"its title is not {name}")
            if f"\n\n{severity}: " not in page.text:
                self.offend(page.name, f"is not {severity}, as its rule is")
            for heading in HEADINGS:
                if f"\n## {heading}\n" not in page.text:
                    self.offend(page.name, f"does not say '{heading}'")
        for slug, page in by_name.items():
            if "## What it means" in page.text and slug not in alerts:
                self.offend(page.name, "no rule raises this alert")


def prose(text):
    fenced = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def main():
    house = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--programs", required=True, metavar="DIR")
    parser.add_argument("--docs", default=house / "docs", metavar="DIR")
    parser.add_argument("--rules", default=house / "deploy" / "prometheus", metavar="DIR")
    given = parser.parse_args()
    checks = Checks(given.folder, given.programs, given.docs, given.rules)
    checks.run()
    print("\n".join(checks.offences))
    print("checked: " + ", ".join(f"{count} {what}" for what, count in checks.counted.items()))
    sys.exit(3 if checks.offences else 0)


if __name__ == "__main__":
    main()
