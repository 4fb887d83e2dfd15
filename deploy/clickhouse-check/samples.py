"""One event of each type, made from its schema's example with values that a narrow column would spoil."""

import datetime
import decimal
import json
import pathlib

SCHEMAS = pathlib.Path(__file__).resolve().parent.parent.parent / "schemas"
ENVELOPE = {
    "event_id", "event_type", "version", "event_ts", "ingest_ts", "account_label", "symbol", "seq", "source",
    "correlation_id", "causation_id", "cause", "window", "window_size", "window_step", "window_start", "window_end",
    "payload",
}
# Some tables keep rows for days alone.
YESTERDAY = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)).date()
NOON = datetime.datetime.combine(YESTERDAY, datetime.time(12, 0, 0, 123_000), datetime.timezone.utc)
# Bytes of a record: they are in payload, and have no column.
WITHOUT_COLUMN = {"record_key", "record_value", "patched_value"}


class Sample:
    """An event, and what each of its fields must be in the table."""

    def __init__(self, schema, number):
        self.title = schema["title"]
        self.topic = schema["description"].removeprefix("An event of ").split(",")[0]
        self.event = json.loads(json.dumps(schema["examples"][0]))
        self.wanted = {}
        self.count = number * 1000
        for name, field in schema["properties"].items():
            if name in ("event_type", "version"):
                self.wanted[name] = self.event[name]
            elif name == "window":
                self.inner(self.event, name, field, "window_")
            elif name != "payload":
                self.sharpen(self.event, name, field, name)
        for name, field in schema["properties"]["payload"]["properties"].items():
            column = f"payload_{name}" if name in ENVELOPE else name
            if "properties" in field:
                self.inner(self.event["payload"], name, field, f"{column}_")
            elif name not in WITHOUT_COLUMN:
                self.sharpen(self.event["payload"], name, field, column)

    def inner(self, place, name, field, prefix):
        for part, rules in field["properties"].items():
            if isinstance(place.get(name), dict) and types(rules) != ["array"]:
                self.sharpen(place[name], part, rules, prefix + part)

    def sharpen(self, place, name, field, column):
        """Puts a value there that only the right type keeps whole, and remembers it."""
        if name not in place or "const" in field:
            return
        value = self.value(place[name], field)
        if value is not None:
            place[name] = self.wanted[column] = value

    def value(self, given, field):
        self.count += 1
        kind = types(field)
        if kind == ["boolean"]:
            return True
        if kind == ["integer"]:
            return 2**53 + self.count
        if kind == ["array"] and types(field.get("items", {})) == ["string"]:
            return given
        if kind != ["string"]:
            return None
        if "enum" in field or field.get("pattern", "").startswith(("^[0-9a-f]{64}", "^(global", "^[A-Za-z0-9._-]")):
            return given
        if field.get("format") == "uuid":
            return f"01234567-89ab-8def-8123-{self.count:012x}"
        if field.get("format") == "date-time":
            return f"{YESTERDAY}T06:35:00.{123_456_000 + self.count:09}Z"
        if field.get("pattern", "").startswith("^-?[0-9]"):
            return f"-{self.count}0123456789012345.{123_456_000 + self.count:09}".rstrip("0")
        return f"it's \\ ü {self.count}"


def types(field):
    found = field.get("type", [])
    return [each for each in ([found] if isinstance(found, str) else found) if each != "null"]


def load():
    schemas = [json.loads(path.read_text()) for path in sorted(SCHEMAS.glob("*.schema.json"))]
    return [Sample(schema, number + 1) for number, schema in enumerate(schemas)]


def line(value, offset, moment=NOON):
    """A record as `torghut log read` prints it."""
    return json.dumps({"topic": "", "partition": 0, "offset": offset, "timestamp": round(moment.timestamp() * 1000),
                       "key": "k", "value": value, "headers": {}})


def differences(sample, row, offset):
    """What the table says of an event that the event does not."""
    found = []
    for column, wanted in sample.wanted.items():
        if column not in row:
            found.append(f"{sample.title}: no column {column}")
        elif not same(wanted, row[column]):
            found.append(f"{sample.title}: {column} is {row[column]!r}, and was {wanted!r}")
    if json.loads(row["payload"]) != sample.event["payload"]:
        found.append(f"{sample.title}: payload is not the payload")
    if row["unread_fields"]:
        found.append(f"{sample.title}: could not read {row['unread_fields']}")
    if (row["log_partition"], row["log_offset"], row["log_timestamp"]) != (0, str(offset), f"{YESTERDAY} 12:00:00.123"):
        found.append(f"{sample.title}: lies at another place: {row['log_partition']}/{row['log_offset']}")
    return found


def same(wanted, told):
    if isinstance(wanted, bool) or isinstance(wanted, list):
        return told == wanted
    if isinstance(wanted, int):
        return str(told) == str(wanted)
    if told is None:
        return False
    if len(wanted) == 30 and wanted.endswith("Z"):
        return told.replace(" ", "T") + "Z" == wanted
    try:
        # A float that happens to print alike is not exact: the text counts.
        return isinstance(told, str) and (told == wanted or decimal.Decimal(told) == decimal.Decimal(wanted))
    except decimal.InvalidOperation:
        return False
