"""What a rule about figures is."""

import re
from dataclasses import dataclass
from typing import Callable


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
