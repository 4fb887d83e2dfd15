"""Everything that deploy/flink promises, held against a real Flink. See check.sh."""

import argparse
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import compare
from run import Flink, Refused

FOLDER = pathlib.Path(__file__).resolve().parent.parent
TOP = FOLDER.parent.parent
BEGAN = time.monotonic()
# Faults as people make them, those of one round at once; each has to be found, by the name of the query that it spoils.
FAULTS = [
    {
        "fallback_ratio": ("views.sql", "payload.from_adapter = 'lean'", "payload.from_adapter = 'alpaca'"),
        "route_share": ("queries/route_share.sql", "execution_route = 'lean->alpaca'", "execution_route = 'lean'"),
        "hop_latency": ("queries/hop_latency.sql", "PERCENTILE(took_us, 0.5)", "PERCENTILE(took_us, 0.05)"),
        "shadow_parity": ("columns.sql", "parity_delta_bps DECIMAL(38, 9)", "parity_delta_bps DECIMAL(38, 2)"),
    },
    # These spoil one column, and nothing else is wrong.
    {
        "fallback_ratio": ("queries/fallback_ratio.sql", "AVG(CAST(fell_back", "AVG(CAST(1 - fell_back"),
        "route_share": ("queries/route_share.sql", "AVG(CASE WHEN execution_route = 'lean'",
                        "AVG(CASE WHEN execution_route = 'alpaca'"),
        "hop_latency": ("queries/hop_latency.sql", "AVG(CAST(took_us", "AVG(1 + CAST(took_us"),
    },
]
# From the submission to a whole checkpoint.
PATIENCE = 90


class Wrong(Exception):
    """What the check found, in words."""


def say(text):
    print(f"{time.monotonic() - BEGAN:5.1f} s  {text}", flush=True)


def script(*arguments, sql=FOLDER):
    done = subprocess.run(["bash", str(FOLDER / "job.sh"), *map(str, arguments)], capture_output=True, text=True,
                          check=False, env={**os.environ, "FLINK_SQL": str(sql)})
    if done.returncode:
        raise Wrong(f"job.sh {' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return done.stdout


def queries(flink, asked, work):
    """The whole job over files, as a batch and as a stream: both come to what our own folds say."""
    names = sorted(path.stem for path in (FOLDER / "queries").glob("*.sql"))
    for mode in ("batch", "streaming"):
        output = work / mode
        output.mkdir()
        flink.run(script("files", asked.input, output, mode))
        flink.drain()
        faults = compare.check(asked.input, output, asked.ours, work / "said.txt")
        for name, (rows, found) in faults.items():
            say(f"{mode}: {name}: {rows} rows, {'equal' if not found else found[0]}")
        if any(found for _, found in faults.values()):
            raise Wrong(f"{mode}: {[found[:3] for _, found in faults.values() if found]}")
    return names


def faults(flink, asked, work):
    """All faults of a round at once: each query has to differ."""
    for number, planted in enumerate(FAULTS):
        sql = plant(flink, asked, work, number, planted)
    spoiled = (sql / "columns.sql").read_text().replace("sent_at TIMESTAMP_LTZ(9)", "sent_at BIGINT")
    (sql / "columns.sql").write_text(spoiled)
    try:
        flink.run(script("files", asked.input, work / "never", "batch", sql=sql))
    except Refused as refusal:
        return say(f"planted in columns.sql: a time as a number: {str(refusal).splitlines()[0][:90]}")
    raise Wrong("planted and not found: sent_at BIGINT")


def plant(flink, asked, work, number, planted):
    """One round; gives the folder of the spoiled files."""
    sql, output = work / f"planted-sql-{number}", work / f"planted-{number}"
    shutil.copytree(FOLDER, sql, ignore=shutil.ignore_patterns("check*"))
    output.mkdir()
    for file, right, wrong in planted.values():
        text = (sql / file).read_text()
        if right not in text:
            raise Wrong(f"nothing to spoil: '{right}' is not in {file}")
        (sql / file).write_text(text.replace(right, wrong))
    flink.run(script("files", asked.input, output, "batch", sql=sql))
    found = compare.check(asked.input, output, asked.ours, work / "said.txt")
    for name, (file, _, wrong) in planted.items():
        if not found[name][1]:
            raise Wrong(f"planted and not found: {wrong} in {file}")
        say(f"planted in {file}: {wrong}: {len(found[name][1])} differences")
    return sql


def kafka(flink):
    """Production's tables have the same columns, by Flink's own word, and topics that somebody makes."""
    # A view asks for the connector, which is not here.
    text, files = (each.split("CREATE TEMPORARY VIEW")[0] for each in (
        script("kafka", "broker.example:9092"), script("files", "/in", "/out", "streaming")))
    theirs, ours = flink.run(text), flink.run(files)
    tables = [line.split()[2] for line in text.splitlines() if line.startswith("CREATE TABLE") and " WITH (" in line]
    for table in tables:
        if flink.columns(theirs, table) != flink.columns(ours, table):
            raise Wrong(f"{table} has other columns with Kafka than with files")
    wholly_read(text)
    topics = [part.split("'")[1] for part in text.split("'topic' = ")[1:]]
    for topic in topics:
        if not any((folder / f"{topic}.yaml").exists() for folder in (TOP / "topics", FOLDER / "topics")):
            raise Wrong(f"nobody makes the topic {topic}")
    say(f"kafka: {len(tables)} tables with the columns of the files, {len(topics)} topics that are made")


def wholly_read(text):
    """What a query says anew, it says of everything: a part of a topic would lie over the whole."""
    options = dict(re.findall(r"^CREATE TABLE (\w+) WITH \((.*?)^\)", text, re.MULTILINE | re.DOTALL))
    anew = [table for table, said in options.items() if "'upsert-kafka'" in said]
    for table in anew:
        query = (FOLDER / f"queries/{table}.sql").read_text()
        read = set(re.findall(r"\b(?:FROM|JOIN|TABLE) (\w+)", query))
        if not read <= options.keys():
            raise Wrong(f"{table} is said anew, and made of a view: {read - options.keys()}")
        for source in read:
            if "'scan.startup.mode' = 'earliest-offset'" not in options[source]:
                raise Wrong(f"{table} is said anew, and {source} is not read from its beginning")
    say(f"kafka: said anew of a whole topic: {', '.join(anew)}")


def ask(url, method="GET"):
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=5) as answer:
        return json.loads(answer.read() or b"null")


def verified(asked, address):
    """The line of 'torghut downstream verify' about the job."""
    done = subprocess.run(
        [asked.program, "downstream", "verify", "--json"], capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "TORGHUT_FLINK_URL": address})
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    found = [line for line in lines if line.get("part") == "flink"]
    if len(found) != 1:
        raise Wrong(f"downstream verify says nothing of Flink: {done.stdout}{done.stderr}")
    return found[0]


def shape(value):
    """Names and kinds alone."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return type(value).__name__ if not isinstance(value, list) else "list"


def rest(flink, asked, work):
    """A job without an end, asked by our own program while it runs, and after it was canceled."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, output = f"http://127.0.0.1:{port}", work / "following"
    output.mkdir()
    flink.run(script("files", asked.input, output, "following"), port)
    deadline = time.monotonic() + PATIENCE
    while (line := verified(asked, address))["verdict"] != "ok" or "last checkpoint" not in line["says"]:
        if time.monotonic() > deadline:
            raise Wrong(f"the job does not run: {line}")
        time.sleep(1)
    say(f"REST: downstream verify: {line['says']}")
    overview = ask(f"{address}/jobs/overview")
    job = overview["jobs"][0]["jid"]
    said = {"jobs-overview": overview, "checkpoints": ask(f"{address}/jobs/{job}/checkpoints")}
    for name, answer in said.items():
        if asked.record:
            (asked.record / f"{name}.json").write_text(json.dumps(answer, indent=1) + "\n")
        recorded = json.loads((TOP / f"deploy/downstream-check/recorded/{name}.json").read_text())
        if name == "jobs-overview" and shape(recorded["jobs"][0]) != shape(answer["jobs"][0]):
            raise Wrong(f"Flink says other things than were recorded: {answer['jobs'][0]}")
        if name == "checkpoints" and shape(recorded["latest"]["completed"]) != shape(answer["latest"]["completed"]):
            raise Wrong(f"Flink says other things than were recorded: {answer['latest']['completed']}")
    ask(f"{address}/jobs/{job}?mode=cancel", "PATCH")
    while verified(asked, address)["verdict"] == "ok":
        if time.monotonic() > deadline:
            raise Wrong("a job that was canceled counts as well")
        time.sleep(0.5)
    say(f"REST: canceled: {verified(asked, address)['says'][:80]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("flink", type=pathlib.Path)
    parser.add_argument("input", type=pathlib.Path)
    parser.add_argument("ours", type=pathlib.Path)
    parser.add_argument("program")
    parser.add_argument("--record", type=pathlib.Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        flink = Flink(asked.flink, work, work / "said.txt")
        try:
            names = queries(flink, asked, work)
            faults(flink, asked, work)
            kafka(flink)
            rest(flink, asked, work)
        except (Wrong, Refused) as error:
            print(f"flink: WRONG {error}", flush=True)
            return 3
        finally:
            flink.close()
    print(f"flink: {len(names)} queries, equal to our folds", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
