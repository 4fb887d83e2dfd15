"""The columns of an event's payload, read from the schemas: each field that holds one value, or a list of words.

A field of the same name and kind in several events of a topic is one column. Objects give a column for each of their
single values (`reference_quote_bid`); what is deeper, or free JSON, stays in `payload` alone, as do long bytes.
"""

import json
import pathlib

# The columns of the envelope and of the log: a payload's field of one of these names is told as payload_NAME.
ENVELOPE = (
    "event_id event_type version event_ts ingest_ts account_label symbol seq source correlation_id causation_id cause "
    "window_size window_step window_start window_end payload log_partition log_offset log_timestamp unread_fields"
).split()
DECIMAL = r"^-?[0-9]{1,30}(\.[0-9]{1,9})?$"
# A longer text is a blob: nobody filters by it.
LONGEST_TEXT = 4096

UUID, TIME, MONEY, WORD, TEXT, NUMBER, FLAG, WORDS = "uuid time money word text number flag words".split()
TYPES = {
    UUID: "Nullable(UUID)",
    TIME: "Nullable(DateTime64(9, 'UTC'))",
    MONEY: "Nullable(Decimal(38, 9))",
    WORD: "LowCardinality(String)",
    TEXT: "String",
    NUMBER: "Nullable(Int64)",
    FLAG: "Nullable(Bool)",
    WORDS: "Array(String)",
}
# What JSONExtract is asked for: what must be parsed comes as text first, so that what does not parse is seen.
EXTRACTED = {kind: "Nullable(String)" for kind in (UUID, TIME, MONEY)} | {
    WORD: "String", TEXT: "String", NUMBER: "Nullable(Int64)", FLAG: "Nullable(Bool)", WORDS: "Array(String)",
}
PARSED = {
    UUID: "toUUIDOrNull({})",
    TIME: "parseDateTime64BestEffortOrNull({}, 9, 'UTC')",
    MONEY: "toDecimal128OrNull({}, 9)",
}


class Column:
    def __init__(self, path, kind, says):
        self.path, self.kind, self.says = path, kind, says
        name = "_".join(path)
        # e and p are the writers' own words.
        self.name = "payload_" + name if name in (*ENVELOPE, "e", "p") else name

    @property
    def type(self):
        return TYPES[self.kind]

    @property
    def extracted(self):
        """Where its value is in the tuple `p`."""
        return "p." + ".".join(f"`{part}`" for part in self.path)

    @property
    def value(self):
        return PARSED.get(self.kind, "{}").format(self.extracted)

    @property
    def fault(self):
        """True for what is there and could not be read; None for what is taken as it comes."""
        if self.kind not in PARSED:
            return None
        return f"isNotNull({self.extracted}) AND isNull({self.value})"


def load(schemas):
    return [json.loads(path.read_text()) for path in sorted(pathlib.Path(schemas).glob("*.schema.json"))]


def payload_columns(events):
    """The columns of these events' payloads, in the order in which they are first named."""
    found = {}
    for event in events:
        for name, field in event["properties"]["payload"]["properties"].items():
            for column in columns_of((name,), field):
                known = found.setdefault(column.name, column)
                if known.path != column.path:
                    raise SystemExit(f"{column.name} would be two columns of {event['title']}")
                known.kind = common(known.kind, column.kind, column.name, event["title"])
    return list(found.values())


def common(one, other, name, title):
    """A closed list of words here and a free text there is a text."""
    if one == other:
        return one
    if {one, other} == {WORD, TEXT}:
        return TEXT
    raise SystemExit(f"{name} is {one} and {other} in one topic: {title}")


def columns_of(path, field):
    kind = kind_of(field)
    if kind:
        return [Column(path, kind, field.get("description", ""))]
    if len(path) > 1 or "properties" not in field:
        return []
    inner = [column for name, part in field["properties"].items() for column in columns_of((*path, name), part)]
    return [column for column in inner if column.kind != WORDS]


def kind_of(field):
    types = field.get("type", [])
    types = [types] if isinstance(types, str) else types
    types = [each for each in types if each != "null"]
    if types == ["boolean"]:
        return FLAG
    if types == ["integer"]:
        return NUMBER
    if types == ["array"]:
        return WORDS if field.get("items", {}).get("type") == "string" else None
    if types != ["string"] or field.get("maxLength", 0) > LONGEST_TEXT:
        return None
    if field.get("format") == "uuid":
        return UUID
    if field.get("format") == "date-time":
        return TIME
    if field.get("pattern") == DECIMAL:
        return MONEY
    return WORD if "enum" in field else TEXT


def tuple_type(columns):
    """The type that JSONExtract reads a payload as."""
    tree = {}
    for column in columns:
        place = tree
        for part in column.path[:-1]:
            place = place.setdefault(part, {})
        place[column.path[-1]] = EXTRACTED[column.kind]

    def text(node):
        return "Tuple(" + ", ".join(
            f"`{name}` {part if isinstance(part, str) else text(part)}" for name, part in node.items()) + ")"

    return text(tree)
