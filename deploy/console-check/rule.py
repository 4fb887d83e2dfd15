"""What a rule about figures is."""

import re
from dataclasses import dataclass
from typing import Callable

from folds import instant


@dataclass(frozen=True)
class Stretch:
    """The time that a question is about: from `since` to before `until`, as far as it says any."""

    since: str = ""
    until: str = ""

    def sql(self, column="created_at"):
        ends = [(">=", self.since), ("<", self.until)]
        return " AND ".join(f"{column} {sign} '{end}'" for sign, end in ends if end) or "true"

    def holds(self, moment):
        """Times are compared as the read models have them: whole microseconds, rounded down."""
        whole, part = instant(moment)
        at = whole, part[:6]
        return not (self.since and at < self._end(self.since)) and not (self.until and at >= self._end(self.until))

    @staticmethod
    def _end(text):
        whole, part = instant(text)
        return whole, part[:6]

    def of(self, rows):
        return [row for row in rows if self.holds(row["created"])]


@dataclass(frozen=True, eq=False)
class Rule:
    path: str
    names: str
    sql: Callable | None = None
    facts: Callable | None = None
    log: Callable | None = None
    keys: str = ".*"

    def about(self, figure):
        return (re.fullmatch(self.path, figure.read.split("?")[0]) is not None
                and re.fullmatch(self.names, figure.name) is not None
                and re.fullmatch(self.keys, figure.key) is not None)


def named(prefix, facts, key=""):
    return {(key, prefix + name): value for name, value in facts.items()}
