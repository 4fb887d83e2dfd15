"""tests/*.yml as tests of promtool: every series is one that was recorded, with the values of the scenario.

Of each alert: it fires (`set`, and what else makes it: `also`), it does not while all is as it was recorded, not just
below its limit (`near`, and of what else not: `nor`), not of too few (`few`), not without any data, and with the market
closed as `closed` says.
What fires by a bound of a histogram does so as well with the bound written as Prometheus 3 has it.
`blocks` is said here again: an alert that loses it says yes to releases. `nodata: fires` and `asrecorded: fires` are for alerts about what is not there.
"""
import re
from pathlib import Path

import catalogue
import names
import promql
import series
import yaml

SESSION = "torghut_market_session_open"
HERE = Path(__file__).resolve().parent
WHOLE_BOUND = re.compile(r'(?<=[{,])le="(\d+)"')
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def seconds(text):
    return sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d+)([smhd])", text))


def read(folder=HERE / "tests"):
    found = {}
    for path in sorted(Path(folder).glob("*.yml")):
        for scenario in yaml.safe_load(path.read_text(encoding="utf-8")):
            if scenario["alert"] in found:
                raise SystemExit(f"{path}: {scenario['alert']} has two scenarios")
            found[scenario["alert"]] = scenario
    return found


class Scenario:
    def __init__(self, scenario, rule, families, recorded, declared):
        self.says = scenario
        self.rule = rule
        self.families = families
        self.recorded = recorded
        self.declared = declared
        self.step = scenario.get("step", "1m")
        others = scenario.get("also", []) + scenario.get("nor", [])
        times = [scenario["at"], scenario.get("nearat", "0s")] + [one["at"] for one in others]
        last = max(seconds(time) for time in times)
        self.steps = last // seconds(self.step) + 1

    def base(self, session):
        """As it was recorded, and standing still."""
        found = {}
        for name in sorted(self.families | {SESSION}):
            for labels, value in self.recorded.families.get(name, []):
                if value != "NaN":
                    found[series.text(name, labels)] = f"{value}+0x{self.steps}"
        for labels, _ in self.recorded.families[SESSION]:
            found[series.text(SESSION, labels)] = f"{session}+0x{self.steps}"
        return found

    def changed(self, base, changes):
        for text, values in (changes or {}).items():
            for labels in self.meant(series.one(text)):
                base[series.text(labels.pop("__name__"), labels)] = str(values)
        return base

    def meant(self, selector):
        """The recorded series; or one that only a fault makes, with the labels that its program declares."""
        found = [dict(labels, __name__=selector.name) for labels, _ in self.recorded.of(selector)]
        if found:
            return found
        given = {label: value for label, op, value in selector.matchers if op == "="}
        if len(given) != len(selector.matchers):
            raise SystemExit(f"{self.says['alert']}: no recorded series is {selector}")
        wanted = self.declared.get(selector.name)
        if selector.name in names.OWN or names.TARGET <= set(given):
            # Of a process that the recording does not have.
            if set(given) != names.TARGET | set(wanted or []):
                raise SystemExit(f"{self.says['alert']}: {selector} is no series of a process")
            return [dict(given, __name__=selector.name)]
        if wanted is None or set(given) != set(wanted):
            raise SystemExit(f"{self.says['alert']}: {selector} is not recorded, and its labels are {wanted}")
        job = "lean-runner" if selector.name.startswith("torghut_lean_runner") else "torghut"
        target = next(labels for labels, _ in self.recorded.families["up"] if labels["job"] == job)
        return [dict(given, __name__=selector.name, job=target["job"], instance=target["instance"])]

    def expected(self, value):
        labels = dict(self.says.get("labels") or {})
        words = {}
        for key, text in self.rule["annotations"].items():
            text = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels[found.group(1)], text)
            words[key] = re.sub(r"\{\{ \$value[^}]*\}\}", str(value), text)
        labels |= {label: word for label, word in self.rule["labels"].items() if label != "blocks"}
        if "blocks" in self.says:
            labels["blocks"] = self.says["blocks"]
        return {"exp_labels": labels, "exp_annotations": words}

    def test(self, name, values, fires, at=None, value=""):
        expected = [self.expected(value or self.says.get("value", ""))] if fires else []
        return {
            "name": f"{self.says['alert']}: {name}", "interval": self.step,
            "input_series": [{"series": key, "values": value} for key, value in sorted(values.items())],
            "alert_rule_test": [
                {"eval_time": at or self.says["at"], "alertname": self.says["alert"], "exp_alerts": expected}
            ],
        }

    def firing(self, name, values, more):
        """With bounds of histograms as up to Prometheus 2, and as from 3 on: 5 and 5.0."""
        yield self.test(name, values, True, more.get("at"), more.get("value"))
        newer = {WHOLE_BOUND.sub(r'le="\1.0"', key): value for key, value in values.items()}
        if newer != values:
            yield self.test(f"{name} in Prometheus 3", newer, True, more.get("at"), more.get("value"))

    def tests(self):
        says = self.says
        yield from self.firing("fires", self.changed(self.base(1), says["set"]), says)
        for more in says.get("also", []):
            yield from self.firing("fires also", self.changed(self.base(1), more["set"]), more)
        yield self.test("as recorded", self.base(1), says.get("asrecorded", "silent") == "fires")
        yield self.test("near", self.changed(self.base(1), says["near"]), False, says.get("nearat"))
        for other in says.get("nor", []):
            yield self.test("nor", self.changed(self.base(1), other["set"]), False, other["at"])
        if "few" in says:
            yield self.test("few", self.changed(self.base(1), says["few"]), False)
        yield self.test("no data", {}, says.get("nodata", "silent") == "fires")
        yield self.test("market closed", self.changed(self.base(0), says["set"]), says["closed"] == "fires")


def document(rules, recorded, told, alert):
    """The tests of one alert, but for the file of its rules."""
    rule = rules.alerts[alert][1]
    one = Scenario(told[alert], rule, rules.families(rule["expr"]), recorded, catalogue.labels())
    # Hours and days are looked at in longer steps than minutes.
    return {"evaluation_interval": one.says.get("every", "1m"), "tests": list(one.tests())}


def whole(rules, told):
    """Every alert has its scenario."""
    missing, unknown = set(rules.alerts) - set(told), set(told) - set(rules.alerts)
    return [f"{name} has no scenario" for name in sorted(missing)] + [f"{name} is no alert" for name in sorted(unknown)]
