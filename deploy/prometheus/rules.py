"""The rules of rules/*.yml, and what they are made of."""
from pathlib import Path

import yaml

import promql

HERE = Path(__file__).resolve().parent


class Rules:
    def __init__(self, folder=HERE / "rules"):
        self.files = sorted(Path(folder).glob("*.yml"))
        self.contents = {path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in self.files}
        if not self.files:
            raise SystemExit(f"{folder} holds no rules")

    def all(self):
        for path, content in self.contents.items():
            for group in content["groups"]:
                for rule in group["rules"]:
                    yield path, rule

    @property
    def alerts(self):
        return {rule["alert"]: (path, rule) for path, rule in self.all() if "alert" in rule}

    @property
    def records(self):
        return {rule["record"]: rule for _, rule in self.all() if "record" in rule}

    def families(self, expression):
        """Names of all series that an expression comes from, through recorded ones as well."""
        names = set()
        for selector in promql.read(expression)[0]:
            if selector.name in self.records:
                names |= self.families(self.records[selector.name]["expr"])
            else:
                names.add(selector.name)
        return names

    def recorded_for(self, expression):
        """Names of the recorded series that an expression comes from."""
        names = set()
        for selector in promql.read(expression)[0]:
            if selector.name in self.records:
                names |= {selector.name} | self.recorded_for(self.records[selector.name]["expr"])
        return names

    def alone(self, alert, expression=None):
        """One alert and what it comes from, as a rule file; with another expression if one is given."""
        rule = self.alerts[alert][1]
        rule = dict(rule, expr=expression or rule["expr"])
        needed = self.recorded_for(rule["expr"])
        own = [self.records[name] for name in self.records if name in needed]
        return {"groups": [{"name": "alone", "rules": own + [rule]}]}
