"""ClickHouse's engine in this process, and how the files of deploy/clickhouse are applied to it."""

import json
import pathlib
import re

from chdb import session

FILES = pathlib.Path(__file__).resolve().parent.parent / "clickhouse"
# Whole numbers and decimals as text: a JSON parser would round them.
EXACT = "SETTINGS output_format_json_quote_64bit_integers = 1, output_format_json_quote_decimals = 1"


class Wrong(Exception):
    """What the check found, in words."""


def statements(text):
    """The statements of a file; a remark stands on lines of its own."""
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return [part.strip() for part in kept.split(";\n") if part.strip().rstrip(";")]


class Engine:
    def __init__(self, folder):
        # As many consumers at a time as a server has; embedded there would be two.
        self.session = session.Session(f"{folder}?background_message_broker_schedule_pool_size=16")

    def run(self, sql):
        self.session.query(sql)

    def rows(self, sql):
        """Rows as they are named; numbers that could lose digits are text."""
        answer = str(self.session.query(f"{sql} {EXACT}", "JSONEachRow"))
        return [json.loads(line) for line in answer.splitlines() if line]

    def table(self, sql):
        """Rows as tuples of text, null as None."""
        answer = str(self.session.query(f"{sql} {EXACT}", "JSONCompactEachRow"))
        return [tuple(None if cell is None else str(cell) for cell in json.loads(line))
                for line in answer.splitlines() if line]

    def number(self, sql):
        return int(self.table(sql)[0][0])

    def apply(self, names=None, database="torghut", change=lambda text: text):
        """The single-node variant, or those of its files that are named; without Kafka unless that is named."""
        for path in sorted((FILES / "single").glob("*.sql")):
            if (names is None and path.name != "90-kafka.sql") or (names and path.name in names):
                for statement in statements(change(path.read_text()).replace("torghut.", f"{database}.")):
                    self.run(statement)

    def fresh(self, database="torghut"):
        self.run(f"DROP DATABASE IF EXISTS {database} SYNC")
        self.run(f"CREATE DATABASE {database}")

    def take(self, table, lines, database="torghut"):
        """Inserts lines as `torghut log read` prints them."""
        self.run(f"INSERT INTO {database}.{table}_records FORMAT JSONEachRow\n" + "\n".join(lines))


def tables():
    """File and table by topic, as the files themselves say it."""
    found = {}
    for path in sorted((FILES / "single").glob("[12]*.sql")):
        text = path.read_text()
        topic = re.search(r"^-- (torghut\.\S+), keyed by", text, re.MULTILINE)[1]
        found[topic] = (path.name, re.search(r"torghut\.(\w+)_records", text)[1])
    return found
