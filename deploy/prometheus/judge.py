#!/usr/bin/python3
"""Judges the rules of this folder; exit code 1 names every fault.

  judge.py rules                 promtool reads rules, configuration and routing
  judge.py names [ADDRESS]       every metric and label of a rule is in the recording, or in the Prometheus at ADDRESS
  judge.py tests [ALERT]         each alert fires when it should and only then, on series of the recording
  judge.py reversed              each comparison turned round, one after the other: some test must fail
  judge.py pages FOLDER          each alert has its page in FOLDER, and each page its alert
  judge.py healthy ADDRESS       the Prometheus at ADDRESS has read all of the rules, and can evaluate each
  judge.py record ADDRESS [FILE] writes the recording anew, from the Prometheus at ADDRESS
  judge.py more ADDRESS [FILE]   adds to the recording what was not there yet
  judge.py table                 the table of docs/alerts.md
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import names
import promql
import recording
import rules as ruling
import scenarios
import series
import yaml

HERE = Path(__file__).resolve().parent
RECORDED = HERE / "recorded/scrape.prom"
# For a test that breaks a copy of them.
FOLDER = Path(os.environ.get("TORGHUT_RULES", HERE / "rules"))

# What an alert may block; `torghut release-check` does not look at one with another word.
BLOCKS = {"releases", "controllers", "canary"}
MUTE = (": as recorded", ": no data", ": market closed")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def judge_rules():
    faults = []
    for command in [
        ["promtool", "check", "rules", "--lint-fatal", *map(str, sorted(FOLDER.glob("*.yml")))],
        ["promtool", "check", "config", str(HERE / "prometheus.yml")],
        ["amtool", "check-config", str(HERE / "alertmanager.yml")],
    ]:
        try:
            status, said = run(*command)
        except FileNotFoundError:
            status, said = 127, f"{command[0]} is not installed"
        if status != 0:
            faults.append(said)
    for name, (path, rule) in ruling.Rules(FOLDER).alerts.items():
        if rule["labels"].get("blocks", "releases") not in BLOCKS:
            faults.append(f"{path.name}: {name} blocks {rule['labels']['blocks']}, and that is none of {sorted(BLOCKS)}")
    return faults or judge_routing()


def judge_routing():
    """A page goes to the pager and a ticket to the tickets, and what keeps others quiet are alerts of ours."""
    faults, alerts = [], ruling.Rules(FOLDER).alerts
    routing = HERE / "alertmanager.yml"
    for severity, receiver in (("critical", "pager"), ("warning", "tickets")):
        _, said = run("amtool", "config", "routes", "test", f"--config.file={routing}", "system=torghut",
                      f"severity={severity}")
        if said.split()[:1] != [receiver]:
            faults.append(f"{routing.name}: {severity} goes to {said.splitlines()[:1]}, and not to {receiver}")
    named = re.findall(r"Torghut\w+", routing.read_text(encoding="utf-8"))
    return faults + [f"{routing.name}: {name} is no alert" for name in sorted(set(named) - set(alerts))]


def judge_names(address=None):
    rules, recorded = ruling.Rules(FOLDER), series.Series.recorded(RECORDED)
    known = series.Series.live(address) if address else recorded
    faults, unneeded = names.check(rules, known)
    if address:
        faults += names.check_recording(rules, recorded, known)
    # What a fault of this run has filled is nothing to complain of; what the recording holds is.
    return faults + ([] if address else [f"only-in-faults.yml: {one} is recorded" for one in sorted(unneeded)])


def test(folder, document, name, alone):
    """Writes one alert's test where promtool finds it, with a rule file of nothing but what the alert comes from."""
    own = Path(folder) / f"rules-{name}.yml"
    own.write_text(json.dumps(alone), encoding="utf-8")
    path = Path(folder) / f"tests-{name}.yml"
    path.write_text(json.dumps(dict(document, rule_files=[own.name])), encoding="utf-8")
    return str(path)


def judge_tests(only=None):
    rules, recorded, told = ruling.Rules(FOLDER), series.Series.recorded(RECORDED), scenarios.read()
    faults = scenarios.whole(rules, told)
    if faults:
        return faults
    count = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        paths = []
        for alert in rules.alerts if only is None else [only]:
            document = scenarios.document(rules, recorded, told, alert)
            count += len(document["tests"])
            paths.append(test(folder, document, alert, rules.alone(alert)))
        done = list(pool.map(lambda path: run("promtool", "test", "rules", path), paths))
    faults = [said for status, said in done if status != 0]
    if not faults:
        print(f"{len(paths)} alerts, {count} tests: all as expected")
    return faults


def judge_reversed():
    rules, recorded, told = ruling.Rules(FOLDER), series.Series.recorded(RECORDED), scenarios.read()
    survivors, tasks = [], []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for alert, (path, rule) in rules.alerts.items():
            document = scenarios.document(rules, recorded, told, alert)
            # The others are about data that is not there.
            document["tests"] = [one for one in document["tests"] if not one["name"].endswith(MUTE)]
            mutants = promql.reversals(rule["expr"])
            if not mutants and not rule["expr"].startswith("absent("):
                survivors.append(f"{alert} compares nothing")
            for number, mutant in enumerate(mutants):
                one = test(folder, document, f"{alert}-{number}", rules.alone(alert, mutant))
                tasks.append((f"{path.name}: {alert}: no test minds {mutant}", one))
        said = pool.map(lambda task: (task[0], run("promtool", "test", "rules", task[1])[0]), tasks)
        survivors += [name for name, status in said if status == 0]
    print(f"{len(tasks)} comparisons turned round, {len(tasks) - len(survivors)} found")
    return survivors


def judge_healthy(address):
    rules, faults = ruling.Rules(FOLDER), []
    there = [rule for group in series.ask(address, "rules", {})["groups"] for rule in group["rules"]]
    missing = (set(rules.alerts) | set(rules.records)) - {rule["name"] for rule in there}
    faults += [f"{name} was not read" for name in sorted(missing)]
    return faults + [f"{rule['name']}: {rule['health']} {rule.get('lastError', '')}" for rule in there
                     if rule["health"] != "ok"]


def page(alert):
    return re.sub(r"(?<!^)(?=[A-Z])", "-", alert).lower() + ".md"


def judge_pages(folder):
    alerts = {page(alert): rule for alert, (_, rule) in ruling.Rules(FOLDER).alerts.items()}
    faults = [f"{name}: {rule['alert']} names {rule['annotations'].get('runbook_url')}" for name, rule in alerts.items()
              if rule["annotations"].get("runbook_url") != f"docs/runbooks/{name}"]
    pages = {path.name for path in Path(folder).glob("torghut-*.md")}
    faults += [f"{rule['alert']} has no page {folder}/{name}" for name, rule in alerts.items() if name not in pages]
    return faults + [f"{folder}/{name} is of no alert" for name in sorted(pages - set(alerts))]


def table():
    for path, group in [(p, g) for p, c in ruling.Rules(FOLDER).contents.items() for g in c["groups"]]:
        for rule in group["rules"]:
            if "alert" in rule:
                name = page(rule["alert"])
                words = re.sub(r"\{\{ \$labels\.(\w+) \}\}", r"*\1*", rule["annotations"]["summary"])
                print(f"| [{rule['alert']}](runbooks/{name}) | {rule['labels']['severity']} | "
                      f"{rule.get('for', '–')} | {words} |")
    return []


def main(words):
    does = {"rules": judge_rules, "names": judge_names, "tests": judge_tests, "reversed": judge_reversed,
            "pages": judge_pages, "table": table, "healthy": judge_healthy,
            "record": lambda address, path=RECORDED: recording.write(Path(path), address),
            "more": lambda address, path=RECORDED: recording.write(Path(path), address, more=True)}
    if not words or words[0] not in does:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    faults = does[words[0]](*words[1:])
    for fault in faults or []:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
