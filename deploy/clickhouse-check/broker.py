"""The whole way: our program writes a day to a broker over TCP, the engine consumes it, and the views fill."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import subprocess
import time

import refill
import sums
from engine import FILES, Wrong, statements

# From the first look to the last record.
PATIENCE = 40.0
# Where a log is, is said here alone.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("TORGHUT_LOG", "TORGHUT_DATA_DIR")}


class House:
    """A journal with a day in it, and the program that wrote it."""

    def __init__(self, program, folder, work):
        self.program, self.folder, self.work = program, folder, pathlib.Path(work)

    def torghut(self, *arguments, **options):
        done = subprocess.run([self.program, *arguments], cwd=self.folder, env=ENVIRONMENT, capture_output=True,
                              text=True, timeout=60, check=False, **options)
        if done.returncode:
            raise Wrong(f"torghut {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def read(self, topic):
        """Writes a topic of the journal into its file; gives how many records that are."""
        text = self.torghut("log", "read", "--topic", topic)
        self.file(topic).write_text(text)
        return text.count("\n")

    def append(self, topic, log):
        self.torghut("--log", log, "log", "append", "--topic", topic, input=self.file(topic).read_text())

    def file(self, topic):
        return self.work / f"{topic}.jsonl"

    @contextlib.contextmanager
    def broker(self):
        """librdkafka's mock cluster in a process of ours, with the catalog's topics; gives its address."""
        process = subprocess.Popen([self.program, "kafka", "dev"], cwd=self.work, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(timeout=20)


def consume(engine, address, tables):
    """Makes the queues and readers of these tables, and something that counts what they bring."""
    engine.run("CREATE TABLE torghut.brought (name String, records UInt64) ENGINE = MergeTree ORDER BY name")
    for name in tables:
        engine.run(f"CREATE MATERIALIZED VIEW torghut.{name}_counter TO torghut.brought AS "
                   f"SELECT '{name}' AS name, count() AS records FROM torghut.{name}_records")
    # A server has this in its configuration.
    engine.run("DROP NAMED COLLECTION IF EXISTS torghut_kafka")
    engine.run(f"CREATE NAMED COLLECTION torghut_kafka AS kafka_broker_list = '{address}'")
    begin(engine, tables)


def begin(engine, tables, change=lambda text: text):
    """What 90-kafka.sql does for these tables."""
    for statement in statements(change((FILES / "single" / "90-kafka.sql").read_text())):
        if statement.split("torghut.")[1].split()[0].rsplit("_", 1)[0] not in tables:
            continue
        try:
            engine.run(statement)
        except Exception as error:
            # The embedded engine says this of every such table, which works all the same: what arrives counts.
            if "ENGINE = Kafka" not in statement or "Shutdown was called" not in str(error):
                raise Wrong(f"{statement[:60]}: {error}") from error


def brought(engine):
    return {name: int(count) for name, count in
            engine.table("SELECT name, sum(records) FROM torghut.brought GROUP BY name")}


def wait(engine, wanted, patience=PATIENCE):
    """Until every table got as many records as were written; whatever does not come is named."""
    deadline = time.monotonic() + patience
    while True:
        seen = brought(engine)
        missing = {name: f"{seen.get(name, 0)} of {count}" for name, count in wanted.items()
                   if seen.get(name, 0) < count}
        if not missing:
            return sum(seen.values())
        if time.monotonic() > deadline:
            raise Wrong(f"did not come within {patience:.0f} s: {missing}")
        time.sleep(0.1)


def stop(engine, tables):
    for name in tables:
        engine.run(f"DROP VIEW IF EXISTS torghut.{name}_reader")
        engine.run(f"DROP TABLE IF EXISTS torghut.{name}_queue SYNC")


def without_value(engine, house, log):
    """Of what is no event each record comes, and of what has no value none: `downstream verify` counts by that."""
    event = json.loads(next(line for line in house.file("torghut.decisions.v1").open()))["value"]
    spoiled = json.dumps(json.loads(event) | {"event_ts": "yesterday"})
    # Of one key, so that they lie behind each other; the last one says that all have been looked at.
    values = [None, "", spoiled, spoiled, None, "", "no JSON"]
    lines = "".join(json.dumps({"key": "no event", "value": value}) + "\n" for value in values)
    places = [json.loads(line) for line in house.torghut(
        "--log", log, "log", "append", "--topic", "torghut.decisions.v1", input=lines).splitlines()]
    wanted = [str(places[number]["offset"]) for number in (2, 3, 6)]
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = [offset for offset, in engine.table(
            "SELECT log_offset FROM torghut.unread WHERE topic = 'torghut.decisions.v1' ORDER BY log_offset")]
        if wanted[-1] in seen or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    told = engine.table("SELECT log_offset FROM torghut.decisions WHERE "
                        f"log_partition = {places[0]['partition']} AND log_offset >= {places[0]['offset']}")
    if seen != wanted or told:
        raise Wrong(f"of {values} at {places[0]['offset']} unread has {seen}, and decisions {told}")
    return f"{len(values) - len(wanted)} records without a value are in no table"


def check(engine, house, tables, counts, ours):
    """Sums equal to Postgres', before duplicates lie on the topics and after; gives what it saw, in words."""
    engine.fresh()
    engine.apply()
    wanted = {tables[topic]: count for topic, count in counts.items() if count}
    with house.broker() as address:
        kept = house.work / "kept"
        house.torghut("log", "archive", str(kept))
        house.torghut("log", "restore", str(kept), "--log", f"kafka:{address}")
        consume(engine, address, wanted)
        first = wait(engine, wanted)
        wrong = sums.settle(engine, ours)
        # Written again, as a writer does that did not hear the answer: the same events at other offsets.
        again = [topic for topic, count in counts.items() if count and topic in AGAIN]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda topic: house.append(topic, f"kafka:{address}"), again))
        twice = {tables[topic]: count * (2 if topic in again else 1) for topic, count in counts.items() if count}
        second = wait(engine, twice)
        more = sums.settle(engine, ours)
        empty = without_value(engine, house, f"kafka:{address}")
        refilled = refill.check(engine, ours)
        stop(engine, wanted)
    if wrong + more:
        raise Wrong("\n".join(["through the broker:", *wrong, *(f"after duplicates: {each}" for each in more)]))
    return (f"through a broker at {address}: {first} records, {second} with duplicates, {sums.count(ours)} figures "
            f"equal; {empty}; {refilled}")


# Topics that are written twice.
AGAIN = {"torghut.decisions.v1", "torghut.order-events.v1", "torghut.route.v1", "torghut.lean.shadow.v1"}
