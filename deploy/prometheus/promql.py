"""What a PromQL expression names: its selectors with their matchers, its labels for grouping, its comparisons."""
import re
from dataclasses import dataclass

KEYWORDS = {"and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "group_left", "group_right",
            "start", "end", "inf", "nan", "atan2"}
GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
TOKEN = re.compile(r"""
    (?P<space>\s+) | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*') | (?P<range>\[[^\]]*\])
  | (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*) | (?P<number>[0-9][0-9.a-z]*) | (?P<op>=~|!~|!=|==|>=|<=|[-+*/%^=<>(){},@])
""", re.VERBOSE)


@dataclass(frozen=True)
class Selector:
    name: str
    # (label, operator, value)
    matchers: tuple

    def takes(self, labels):
        return all(matches(labels.get(label, ""), op, value) for label, op, value in self.matchers)

    def __str__(self):
        inner = ",".join(f'{label}{op}"{value}"' for label, op, value in self.matchers)
        return self.name + (f"{{{inner}}}" if inner else "")


def matches(found, op, value):
    if op == "=":
        return found == value
    if op == "!=":
        return found != value
    hit = re.fullmatch(value, found) is not None
    return hit if op == "=~" else not hit


def only_here(selector):
    """Matchers of it that hold in one Prometheus and not in another."""
    for label, op, value in selector.matchers:
        if label == "job" and op in ("=", "!="):
            yield f"{selector}: on Kubernetes a job is named for its Service: ask for it with =~"
        # Up to Prometheus 2 a bound of 5 is stored as 5, and from 3 on as 5.0.
        bounds = re.findall(r"\d+", value) if label == "le" else []
        if any(matches(bound, op, value) != matches(f"{bound}.0", op, value) for bound in bounds):
            yield f'{selector}: from Prometheus 3 on le is written 5.0: ask for it with =~"5(\\\\.0)?"'


def tokens(text):
    place, found = 0, []
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise ValueError(f"no PromQL at {text[place:place + 20]!r}")
        if match.lastgroup != "space":
            found.append((match.lastgroup, match.group(), match.start()))
        place = match.end()
    return found


def read(text):
    """The selectors, and the labels that are grouped by or matched on."""
    words, selectors, labels, place = tokens(text), [], set(), 0

    def at(index):
        return words[index][1] if index < len(words) else ""

    while place < len(words):
        kind, word, _ = words[place]
        place += 1
        if kind == "op" and word == "{":
            raise ValueError("a selector without a name")
        if kind != "name":
            continue
        if word in GROUPING:
            if at(place) == "(":
                close = place + [w[1] for w in words[place:]].index(")")
                labels |= {w[1] for w in words[place:close] if w[0] == "name"}
                place = close + 1
            continue
        if word in KEYWORDS or at(place) == "(" or (at(place) in GROUPING and at(place + 1) == "("):
            continue
        matchers = []
        if at(place) == "{":
            place += 1
            while at(place) != "}":
                if at(place) == ",":
                    place += 1
                    continue
                matchers.append((at(place), at(place + 1), at(place + 2)[1:-1].replace("\\\\", "\\")))
                place += 3
            place += 1
        selectors.append(Selector(word, tuple(matchers)))
    return selectors, labels


REVERSED = {">": "<", "<": ">", ">=": "<", "<=": ">", "==": "!=", "!=": "=="}


def reversals(text):
    """The expression with one of its comparisons turned round, once for each."""
    depth, found = 0, []
    for kind, word, start in tokens(text):
        if kind == "op" and word in "{}":
            depth += 1 if word == "{" else -1
        elif kind == "op" and depth == 0 and word in REVERSED:
            found.append((start, word))
    return [text[:start] + REVERSED[word] + text[start + len(word):] for start, word in found]
