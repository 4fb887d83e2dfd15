"""Faults that are planted in copies of the files: each must be found by the check that is there for it."""

import samples
import sums
from engine import FILES, Wrong, tables

# What is changed, in which file, and into what.
WRONG_TYPES = [
    ("a price as a float", "13-order-events.sql",
     " fill_price Nullable(Decimal(38, 9))", " fill_price Nullable(Float64)"),
    ("a quantity with two digits", "12-route.sql", "qty Nullable(Decimal(38, 9))", "qty Nullable(Decimal(38, 2))"),
    ("a time in milliseconds", "10-decisions.sql",
     "    event_ts DateTime64(9, 'UTC')", "    event_ts DateTime64(3, 'UTC')"),
    ("a count in 32 bits", "22-control.sql", "open_orders Nullable(Int64)", "open_orders Nullable(Int32)"),
    ("a field that is not read", "18-lean-shadow.sql", " AS parity_status,", " AS reason_of_nobody,"),
]


def wrong_types(engine):
    """Each wrong type, applied to a database of its own, spoils a sample."""
    found = []
    for name, file, right, wrong in WRONG_TYPES:
        text = (FILES / "single" / file).read_text()
        if right not in text:
            raise Wrong(f"{name}: there is no {right} in {file} to spoil")
        try:
            engine.fresh("planted")
            engine.apply(["00-database.sql"], "planted")
            engine.apply([file], "planted", lambda text: text.replace(right, wrong, 1))
            differences = typed(engine, file, "planted")
        except Exception as error:  # Refused by the engine: found too.
            differences = [f"refused: {str(error).splitlines()[0][:120]}"]
        if not differences:
            raise Wrong(f"planted and not found: {name}")
        found.append(f"{name}: {differences[0]}")
    return found


def typed(engine, only=None, database="torghut"):
    """Samples of every event type, written and read again: what differs."""
    found = []
    by_topic = {}
    for sample in samples.load():
        by_topic.setdefault(sample.topic, []).append(sample)
    for topic, (file, table) in tables().items():
        if topic not in by_topic or (only and file != only):
            continue
        lines = [samples.line(sample.event, offset) for offset, sample in enumerate(by_topic[topic])]
        engine.take(table, lines, database)
        rows = {row["event_id"]: row for row in engine.rows(f"SELECT * FROM {database}.{table}")}
        for offset, sample in enumerate(by_topic[topic]):
            row = rows.get(sample.event["event_id"])
            found += samples.differences(sample, row, offset) if row else [f"{sample.title}: is not there"]
    return found


def duplicates_shown(engine, ours, load):
    """A view without FINAL, and rows that are one by less than the event: sums say so."""
    found = []
    for name, right, wrong in [
        ("a view that shows duplicates", "FROM torghut.order_events_log FINAL", "FROM torghut.order_events_log"),
        ("events that are one by symbol", "ORDER BY (symbol, event_ts, event_id)", "ORDER BY (symbol)"),
    ]:
        engine.fresh("planted")
        engine.apply(["00-database.sql"], "planted")
        engine.apply(["13-order-events.sql"], "planted", lambda text, r=right, w=wrong: text.replace(r, w))
        for _ in range(2):
            load("planted", "torghut.order-events.v1")
        differences = sums.compare(engine, ours, "planted", only="updates of orders")
        if not differences:
            raise Wrong(f"planted and not found: {name}")
        found.append(f"{name}: {differences[0][:160]}")
    engine.run("DROP DATABASE planted SYNC")
    return found
