"""A table is filled anew from its topic by the commands of docs/clickhouse.md, in their order, as far as we can go.

The broker of this check refuses to set the offsets of a group from outside, as Kafka refuses while the group has
members. So what Kafka asks for is looked at instead, and the table goes on with a group that has no offsets yet.
"""

import re

import broker
import sums
from engine import Wrong
from pages import PAGE

GROUP = "torghut-clickhouse-route"
CLUSTER = " ON CLUSTER '{cluster}'"


def commands():
    """The commands of the section, each on one line."""
    section = PAGE.read_text().split("## Filling it from the log")[1].split("From a journal or an archive")[0]
    blocks = re.findall(r"^```\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.replace("\\\n", "").splitlines()]


def follow(engine, lines):
    """Does what each command says."""
    stored = engine.number("SELECT count() FROM torghut.route")
    group = GROUP
    for line in lines:
        if sql := re.fullmatch(r'clickhouse-client -q "(.*)"', line):
            if CLUSTER not in sql[1]:
                raise Wrong(f"docs/clickhouse.md: on one replica alone: {line}")
            engine.run(sql[1].replace(CLUSTER, ""))
        elif "--reset-offsets" in line:
            if f"--group {GROUP} --topic torghut.route.v1" not in line:
                raise Wrong(f"docs/clickhouse.md: another group than that of the table: {line}")
            if members := engine.table("SELECT consumer_id FROM system.kafka_consumers WHERE table = 'route_queue'"):
                raise Wrong(f"Kafka would refuse: the group has {len(members)} members")
            if engine.number("SELECT count() FROM torghut.route") != stored:
                raise Wrong("rows are gone before Kafka has said that the topic can be read again")
            group = f"{GROUP}-anew"
        elif line.startswith("clickhouse-client --queries-file") and line.endswith("/90-kafka.sql"):
            broker.begin(engine, ["route"], lambda text: text.replace(f"'{GROUP}'", f"'{group}'"))
        else:
            raise Wrong(f"docs/clickhouse.md: who does this? {line}")


def check(engine, ours):
    """Planted: a group that still has members. Then the commands as they stand."""
    lines = commands()
    reset = next((number for number, line in enumerate(lines) if "--reset-offsets" in line), None)
    if reset is None:
        raise Wrong("docs/clickhouse.md: nobody sets the group's offsets")
    try:
        follow(engine, [line for line in lines[:reset + 1] if "DROP TABLE" not in line and "TRUNCATE" not in line])
    except Wrong as error:
        if "members" not in str(error):
            raise
    else:
        raise Wrong("planted and not found: a consumer that is still in its group")
    broker.begin(engine, ["route"])
    follow(engine, lines)
    if wrong := sums.settle(engine, ours, broker.PATIENCE):
        raise Wrong("\n".join(["filled anew from the topic:", *wrong]))
    return f"filled anew by {len(lines)} commands"
