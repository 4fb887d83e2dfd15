"""Every metric and every label that a rule names is there."""
from pathlib import Path

import catalogue
import promql
import series
import yaml

# Told by Prometheus of each target.
OWN = {"up": ["job", "instance"]}
TARGET = {"job", "instance"}


def exceptions():
    """Selectors that only a fault fills, with what fills them."""
    return yaml.safe_load((Path(__file__).resolve().parent / "only-in-faults.yml").read_text(encoding="utf-8"))


def faults_of(expression, known, declared, records, allowed, used):
    """What an expression names that is not there."""
    found = []
    selectors, grouped = promql.read(expression)
    for selector in selectors:
        if selector.name in records:
            continue
        found += promql.only_here(selector)
        labels = OWN.get(selector.name, declared.get(selector.name))
        if labels is None:
            found.append(f"{selector.name} is no metric of ours")
            continue
        scraped = selector.name in known.families
        for label, _, _ in selector.matchers:
            if label not in TARGET and label not in labels:
                found.append(f"{selector.name} has no label {label}")
            elif scraped and not known.has_label(selector.name, label):
                found.append(f"no scraped series of {selector.name} has a label {label}")
        if known.of(selector):
            continue
        if str(selector) in allowed:
            used.add(str(selector))
        else:
            found.append(f"no scraped series is {selector}")
    plain = [s for s in selectors if s.name not in records]
    for label in grouped:
        if plain and label not in TARGET and not any(label in declared.get(s.name, OWN.get(s.name, [])) for s in plain):
            found.append(f"nothing of it has a label {label}")
    return found


def check(rules, known):
    """All faults, and exceptions that were not needed."""
    declared, allowed, used, found = catalogue.labels(), exceptions(), set(), []
    for path, rule in rules.all():
        name = rule.get("alert") or rule["record"]
        for fault in faults_of(rule["expr"], known, declared, rules.records, allowed, used):
            found.append(f"{path.name}: {name}: {fault}")
    return found, {name for name, why in allowed.items() if not why.startswith("now and then")} - used


def check_recording(rules, recorded, live):
    """A recording of another program: labels differ from those of a system that runs now."""
    found = []
    families = set().union(*(rules.families(rule["expr"]) for _, rule in rules.all()))
    for name in sorted(families & set(recorded.families) & set(live.families)):
        old = {tuple(sorted(labels)) for labels, _ in recorded.families[name]}
        new = {tuple(sorted(labels)) for labels, _ in live.families[name]}
        if not old & new:
            found.append(f"recorded: {name} has labels {sorted(old)}, and now {sorted(new)}")
    return found
