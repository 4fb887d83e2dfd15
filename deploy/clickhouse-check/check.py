"""Everything that deploy/clickhouse promises, held against ClickHouse's own engine. See deploy/check-clickhouse.sh."""

import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import re
import sys
import tempfile
import time

import broker
import faults
import front
import pages
import samples
import sums
from engine import Engine, FILES, Wrong, statements, tables


def say(text):
    print(f"{time.monotonic() - BEGAN:5.1f} s  {text}", file=sys.stderr, flush=True)


BEGAN = time.monotonic()


def types(engine):
    """Every field of every event type lands in its column, exactly."""
    engine.fresh()
    engine.apply()
    wrong = faults.typed(engine)
    if wrong:
        raise Wrong("\n".join(wrong))
    fields = sum(len(sample.wanted) for sample in samples.load())
    return f"{len(samples.load())} event types, {fields} fields in their columns, exactly"


def limits(engine):
    """The largest amount fits; one beyond it is told, and the record is there."""
    sample = next(each for each in samples.load() if each.title.startswith("decision.recorded"))
    for number, (amount, told, unread) in enumerate([
        ("99999999999999999999999999999.999999999", "99999999999999999999999999999.999999999", []),
        ("170000000000000000000000000000", None, ["qty"]),
    ]):
        sample.event["event_id"] = f"00000000-0000-8000-9000-00000000000{number}"
        sample.event["payload"]["qty"] = amount
        engine.take("decisions", [samples.line(sample.event, 900 + number)])
        row = engine.rows(f"SELECT qty, unread_fields FROM torghut.decisions WHERE log_offset = {900 + number}")[0]
        if (row["qty"], row["unread_fields"]) != (told, unread):
            raise Wrong(f"{amount} is {row}")
    # One that came twice is no event twice, although its id can be read.
    no_events = [{"event_id": "no"}, "no JSON", 7, {**sample.event, "event_ts": "yesterday"},
                 {**sample.event, "event_type": ""}, {**sample.event, "event_ts": "yesterday"}]
    lines = [samples.line(value, 950 + number) for number, value in enumerate(no_events)]
    bytes_alone = json.loads(samples.line(None, 990)) | {"key": None, "value_b64": "//4="}
    del bytes_alone["value"]
    # Nothing comes of these from a broker either.
    without_value = [samples.line(value, 970 + number) for number, value in enumerate([None, ""])]
    engine.take("decisions", [*lines, *without_value, json.dumps(bytes_alone)])
    engine.take("quotes", [samples.line(value, 970 + number) for number, value in enumerate([None, "", "no JSON"])])
    kept = engine.table("SELECT log_offset, hex(value) FROM torghut.unread WHERE topic = 'torghut.decisions.v1' "
                        "ORDER BY log_offset")
    if [offset for offset, _ in kept] != [*map(str, range(950, 956)), "990"] or kept[-1][1] != "FFFE":
        raise Wrong(f"what is no event: {[(offset, value[-20:]) for offset, value in kept]}")
    quotes = engine.table("SELECT log_offset FROM torghut.quotes")
    if quotes != [("972",)]:
        raise Wrong(f"quotes without a value are {quotes}")
    return "amounts to their limit, what is no event is kept, and what has no value is passed over"


# Times that a producer may write, and that would be over at once, or beyond what a TTL can count to.
STRANGE = ["1899-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z",
           "2106-02-07T06:28:16Z", "2261-12-31T23:59:59Z"]


def times(engine):
    """An event is kept whatever anybody says its time is, and so is what is no event."""
    sample = next(each for each in samples.load() if each.title.startswith("decision.recorded"))
    engine.fresh()
    engine.apply()
    for number, moment in enumerate(STRANGE):
        for field, place in (("event_ts", 100), ("ingest_ts", 200)):
            event = {**sample.event, field: moment, "event_id": f"00000000-0000-8000-9000-000000000{place + number}"}
            engine.take("decisions", [samples.line(event, place + number)])
    strange = [-(2**63), -1, 0, 4_102_444_800_000, 9_000_000_000_000, 2**63 - 1]
    for number, moment in enumerate(strange):
        line = json.dumps(json.loads(samples.line("no JSON", 300 + number)) | {"timestamp": moment})
        engine.take("decisions", [line])
        engine.take("quotes", [line])
    wanted = {"decisions": 2 * len(STRANGE), "unread": len(strange), "quotes": len(strange)}
    for table, count in wanted.items():
        engine.run(f"OPTIMIZE TABLE torghut.{table}_log FINAL")
        found = engine.table(f"SELECT log_offset FROM torghut.{table} ORDER BY log_offset")
        if len(found) != count:
            raise Wrong(f"of {count} {table} with strange times there are {[offset for offset, in found]}")
    # Taken in again in another month: one event all the same.
    again = {**sample.event, "ingest_ts": "2026-01-31T23:59:59Z"}
    engine.take("decisions", [samples.line({**again, "ingest_ts": moment}, 400 + number) for number, moment in enumerate(
        ["2026-01-31T23:59:59Z", "2026-02-01T00:00:01Z"])])
    if engine.table("SELECT log_offset FROM torghut.decisions WHERE log_offset >= 400") != [("401",)]:
        raise Wrong("an event that was taken in again in another month is not one")
    return f"{sum(wanted.values())} records with strange times are kept"


def indexed(engine):
    """What is asked for by its place on the log is not looked for in all rows."""
    plan = engine.table("EXPLAIN indexes = 1 SELECT count() FROM torghut.decisions WHERE log_offset >= 300")
    if not any("log_offset_at" in line for line, in plan):
        raise Wrong(f"places on the log are looked for in all rows: {plan}")
    return "places on the log have an index that a view uses"


def expiry(engine):
    """What is over its time goes as a whole part; what is not stays."""
    sample = next(each for each in samples.load() if each.title.startswith("heartbeat.recorded"))
    old = {**sample.event, "event_id": "00000000-0000-8000-9000-00000000000a", "event_ts": "2026-02-12T06:35:00Z"}
    engine.take("heartbeats", [samples.line({**old, "ingest_ts": old["event_ts"]}, 77)])
    # Of an old day, and taken in yesterday.
    engine.take("heartbeats", [samples.line({**old, "event_ts": "2026-01-12T06:35:00Z"}, 78)])
    engine.take("quotes", [samples.line({"old": True}, 1, samples.NOON - datetime.timedelta(days=40))])
    engine.run("OPTIMIZE TABLE torghut.heartbeats_log FINAL")
    engine.run("OPTIMIZE TABLE torghut.quotes_log FINAL")
    left = engine.table("SELECT (SELECT toString(arraySort(groupArray(log_offset))) FROM torghut.heartbeats), "
                        "(SELECT toString(groupArray(log_offset)) FROM torghut.quotes)")
    if left != [("[0,78]", "[972]")]:
        raise Wrong(f"after their time there are still {left}")
    if engine.number("SELECT count() FROM system.tables WHERE database = 'torghut' AND engine = 'ReplacingMergeTree' "
                     "AND NOT create_table_query LIKE '%ttl_only_drop_parts = 1%'"):
        raise Wrong("a table drops rows one by one")
    return "parts go when their time is over"


def day(engine, house, ours, counts):
    """Files that our program wrote, before and after duplicates."""
    engine.fresh()
    engine.apply()
    known = {topic: table for topic, (_, table) in tables().items()}
    # Most of the time is the program's start.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        counts.update(zip(known, pool.map(house.read, known)))

    def load(database, only=None):
        for topic, table in known.items():
            if counts[topic] and only in (None, topic):
                engine.run(
                    f"INSERT INTO {database}.{table}_records SELECT partition, offset, timestamp, key, value, '' FROM "
                    f"file('{house.file(topic)}', JSONEachRow, 'partition UInt32, offset UInt64, "
                    "timestamp Int64, key Nullable(String), value String')")

    # Duplicates stay until parts are merged: here until they have been asked about.
    engine.run("SYSTEM STOP MERGES torghut.route_log")
    load("torghut")
    wrong = sums.compare(engine, ours)
    load("torghut")
    more = sums.compare(engine, ours)
    if wrong + more:
        raise Wrong("\n".join([*wrong, *(f"after duplicates: {each}" for each in more)]))
    stored, told = (engine.number(f"SELECT count() FROM torghut.{name}") for name in ("route_log", "route"))
    if stored != 2 * told:
        raise Wrong(f"{stored} rows of {told} steps of the route are no duplicates")
    return load, f"{sum(counts.values())} records of a day, twice: {sums.count(ours)} figures equal Postgres'"


def variants(engine):
    """The replicated variant is the single one but for its engines, and the engine can read it."""
    count = 0
    for path in sorted((FILES / "replicated").glob("*.sql")):
        single = (FILES / "single" / path.name).read_text()
        text = path.read_text()
        if re.search(r"= ReplacingMergeTree|ReplicatedReplacingMergeTree\((?!'/clickhouse/tables/{cluster}/{shard}/)", text):
            raise Wrong(f"{path.name}: not replicated")
        if len(statements(text)) != len(statements(single)):
            raise Wrong(f"{path.name}: other statements than the single variant")
        for statement in statements(text):
            count += 1
            if "ON CLUSTER '{cluster}'" not in statement:
                raise Wrong(f"{path.name}: on one replica alone: {statement[:80]}")
            if not engine.table("SELECT formatQuery($body$" + statement + "$body$)"):
                raise Wrong(f"{path.name}: cannot be read: {statement[:80]}")
    return f"replicated: {count} statements can be read"


def away(engine):
    """Planted: without a broker nothing comes, and the check says so."""
    engine.fresh()
    engine.apply(["00-database.sql", "12-route.sql"])
    broker.consume(engine, "127.0.0.1:1", ["route"])
    try:
        broker.wait(engine, {"route": 1}, patience=3)
    except Wrong as error:
        broker.stop(engine, ["route"])
        return f"planted: no broker: {error}"
    raise Wrong("planted and not found: no broker")


def check(arguments, work):
    engine = Engine(pathlib.Path(work) / "engine")
    house = broker.House(arguments.program, arguments.folder, work)
    say(f"engine {engine.table('SELECT version()')[0][0]}")
    ours = sums.postgres(arguments.dsn)
    if arguments.every_kind and sums.empty(ours):
        raise Wrong(f"the day has none of these: {', '.join(sums.empty(ours))}")
    for part in (types, limits, expiry, times, indexed, variants):
        say(part(engine))
    counts = {}
    load, said = day(engine, house, ours, counts)
    say(said)
    say(pages.check(engine, arguments.every_kind))
    for found in faults.wrong_types(engine) + faults.duplicates_shown(engine, ours, load):
        say(f"planted: {found}")
    say(away(engine))
    say(broker.check(engine, house, {topic: table for topic, (_, table) in tables().items()}, counts, ours))
    return engine


def main(held):
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, help="torghut")
    parser.add_argument("--folder", required=True, help="where its data folder with a day lies")
    parser.add_argument("--dsn", required=True, help="the Postgres it was folded into")
    parser.add_argument("--every-kind", action="store_true", help="the day has something of everything, or it is wrong")
    parser.add_argument("--serve", action="store_true", help="answer HTTP afterwards, until standard input ends")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        try:
            engine = check(arguments, work)
            held.append(engine)
        except Wrong as error:
            say(f"WRONG {error}")
            print("WRONG " + " | ".join(str(error).splitlines()), flush=True)
            return 3
        pages.signals(engine)
        print(front.serve(engine) if arguments.serve else "clickhouse: nothing wrong", flush=True)
        if arguments.serve:
            sys.stdin.read()
    return 0


if __name__ == "__main__":
    kept = []
    status = main(kept)
    sys.stdout.flush()
    sys.stderr.flush()
    # Not by the engine's own ending: after Kafka tables it was seen to crash there, and to wait for five minutes.
    os._exit(status)
