"""The running system as anybody reaches it: up.json, psql, the log, its processes and its HTTP API.

Nothing here asks the API for a figure that the pages show: those come from psql and from the log.
"""

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path


class Position:
    """How far a read model had folded its inputs: `executions/1 torghut.route.v1=12,0,7`."""

    def __init__(self, projection, vector):
        self.projection = projection
        self.vector = vector

    @classmethod
    def read(cls, text):
        """All positions of an answer, by projection; an answer from memory has one without a name."""
        found = {}
        for part in text.split(";"):
            words = part.split()
            # What is folded in memory names no read model.
            name = words.pop(0) if words and "=" not in words[0] else ""
            vector = {}
            for word in words:
                topic, offsets = word.split("=")
                vector[topic] = [int(offset) for offset in offsets.split(",")]
            if vector:
                found[name.split("/")[0]] = cls(name, vector)
        return found

    def __eq__(self, other):
        return (self.projection, self.vector) == (other.projection, other.vector)

    def __str__(self):
        inputs = (f"{topic}={','.join(map(str, at))}" for topic, at in sorted(self.vector.items()))
        return " ".join([self.projection, *inputs])


class Rig:
    """One system that `torghut up` runs."""

    def __init__(self, up_json, program):
        self.folder = Path(up_json).resolve().parent
        self.program = program
        self.up = json.loads(Path(up_json).read_text())
        self.console = self.up["console"].split("#")[0].rstrip("/")
        self.token = self.up["token"]
        self.kept = {}

    # -- Postgres

    def psql(self, *statements):
        """Answers of statements in one snapshot, each a JSON value on a line."""
        script = ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"]
        script += [f"SELECT coalesce(({one}), 'null'::json)::jsonb::text;" for one in statements]
        script += ["COMMIT;"]
        asked = subprocess.run(
            ["psql", "-AtXq", "-v", "ON_ERROR_STOP=1", self.up["database"], "-f", "-"],
            input="\n".join(script), capture_output=True, text=True, timeout=30)
        if asked.returncode != 0:
            raise RuntimeError(f"psql: {asked.stderr.strip()}\n{'; '.join(statements)}")
        answers = [line for line in asked.stdout.splitlines() if line.strip()]
        # Numbers as Postgres wrote them: a float would round.
        return [json.loads(line, parse_float=str) for line in answers]

    def rows(self, query):
        """The rows of one query, each a dictionary; decimals as text."""
        return self.psql(f"SELECT json_agg(r) FROM ({query}) AS r")[0] or []

    @staticmethod
    def standing(projection):
        """The query for where a projection stands, in the database's own words."""
        return f"""
            SELECT json_build_object('projection', v.projection || '/' || v.version, 'vectors', json_agg(c.vector))
            FROM projection_versions AS v JOIN projection_checkpoints AS c USING (projection, version)
            WHERE v.projection = '{projection}' AND v.state = 'serving' GROUP BY v.projection, v.version"""

    @staticmethod
    def place(said):
        """A position from what `standing` says: of readers of one input the one furthest behind counts."""
        vector = {}
        for one in said["vectors"]:
            for input, at in one.items():
                topic, partition = input.split("/")
                places = vector.setdefault(topic, {})
                places[int(partition)] = min(at["next"], places.get(int(partition), at["next"]))
        return Position(said["projection"], {
            topic: [places.get(partition, 0) for partition in range(max(places) + 1)]
            for topic, places in vector.items()})

    # -- The log

    def records(self, topic, before=None):
        """Records of a topic by partition, oldest first, as `torghut log read` prints them.

        Read once, and again only for a position beyond what was read.
        """
        known = self.kept.get(topic)
        reaches = known is not None and before is not None and all(
            end == 0 or (known.get(partition) and known[partition][-1]["offset"] >= end - 1)
            for partition, end in enumerate(before))
        if not reaches:
            known = {}
            for line in self.torghut("log", "read", "--topic", topic).splitlines():
                record = json.loads(line)
                known.setdefault(record["partition"], []).append(record)
            self.kept[topic] = known
        return known

    def ends(self):
        """The first offset behind the last record of each partition that there is, by topic."""
        found = {}
        for one in map(json.loads, self.torghut("log", "stats", "--json").splitlines()):
            if "partition" in one:
                found.setdefault(one["topic"], {})[one["partition"]] = one["end"]
        return found

    def events(self, topic, before=None):
        """Events of a topic that lie before a position, each with `at` (topic/partition/offset)."""
        for partition, records in sorted(self.records(topic, before).items()):
            end = None
            if before is not None:
                end = before[partition] if partition < len(before) else 0
            for record in records:
                if end is not None and record["offset"] >= end:
                    break
                try:
                    event = json.loads(record.get("value") or "null", parse_float=str)
                except json.JSONDecodeError:
                    continue
                if isinstance(event, dict) and isinstance(event.get("payload"), dict):
                    event["at"] = (topic, partition, record["offset"])
                    yield event

    def torghut(self, *arguments, codes=(0,)):
        ran = subprocess.run(
            [self.program, *arguments, "--data", str(self.folder)], capture_output=True, text=True, timeout=60)
        if ran.returncode not in codes:
            raise RuntimeError(f"torghut {' '.join(arguments)}: {ran.returncode}: {ran.stderr.strip()[-600:]}")
        return ran.stdout

    # -- The processes and their books

    def signal(self, name, number):
        os.kill(self.up["processes"][name], number)

    @contextmanager
    def held(self, name):
        """Stops a process for a while, without its knowing."""
        self.signal(name, signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(name, signal.SIGCONT)

    def books(self):
        """Every order that the broker ever took, from its own books."""
        orders, start = [], 0
        while True:
            with urllib.request.urlopen(f"{self.up['simulator']}/_sim/books?from={start}&limit=1000", timeout=10) as said:
                page = json.load(said)
            orders += page["orders"]
            if page.get("next") in (None, start) or not page["orders"]:
                return orders
            start = page["next"]

    # -- The API, where the question is what it does and not what it shows

    def get(self, path):
        request = urllib.request.Request(self.console + path, headers={"Authorization": f"Bearer {self.token}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)
