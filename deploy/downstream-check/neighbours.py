"""What lies behind the log, on one port of loopback, for tests: ClickHouse's HTTP interface in front of its own engine,
and Flink's REST interface as a real cluster once answered it (recorded/, written by deploy/flink/check.sh --record).

Prints its port, and ends when standard input does. A test's own hands:

  POST /_take?table=T   lines of 'torghut log read' into T_records
  POST /_run            a statement for the engine
  POST /_flink          {"state", "name", "running", "tasks", "second", "checkpoint_age", "checkpoints"}: what the
                        recording is changed by
"""

import http.server
import json
import pathlib
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clickhouse-check"))

from engine import Engine  # noqa: E402  (it lies beside the tables' own check)

USER, PASSWORD = "reader", "not-for-any-eye"
RECORDED = HERE / "recorded"


class Flink:
    """The recording, moved to now: a job that began a while ago and took its last checkpoint just before."""

    def __init__(self):
        self.change = {}

    def answer(self, path):
        now = int(time.time() * 1000)
        overview = json.loads((RECORDED / "jobs-overview.json").read_text())
        job = overview["jobs"][0]
        if path == "/jobs/overview":
            job["start-time"] = now - 3_600_000
            job["state"] = self.change.get("state", job["state"])
            job["name"] = self.change.get("name", job["name"])
            job["tasks"]["running"] = self.change.get("running", job["tasks"]["running"])
            job["tasks"]["total"] = self.change.get("tasks", job["tasks"]["total"])
            if "second" in self.change:
                overview["jobs"].append(
                    {**job, "jid": "f" * 32, "start-time": now - 60_000, "state": self.change["second"]})
            return 200, overview
        if path != f"/jobs/{job['jid']}/checkpoints":
            return 404, {"errors": ["Not found."]}
        if self.change.get("checkpoints") == "none":
            return 404, {"errors": ["Checkpointing is not enabled for this job."]}
        checkpoints = json.loads((RECORDED / "checkpoints.json").read_text())
        if self.change.get("checkpoints") == "never":
            checkpoints["latest"]["completed"] = None
        else:
            checkpoints["latest"]["completed"]["latest_ack_timestamp"] = (
                now - 1000 * self.change.get("checkpoint_age", 5))
        return 200, checkpoints


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        if parts.path.startswith("/flink/"):
            status, body = self.server.flink.answer(parts.path.removeprefix("/flink"))
            return self.send(status, json.dumps(body).encode())
        asked = {name: values[0] for name, values in urllib.parse.parse_qs(parts.query).items()}
        given = (self.headers.get("X-ClickHouse-User"), self.headers.get("X-ClickHouse-Key"))
        if given != (USER, PASSWORD):
            return self.send(403, b"Code: 516. DB::Exception: reader: Authentication failed: password is incorrect")
        if parts.path != "/" or "query" not in asked:
            return self.send(404, b"There is no handle")
        parameters = {name.removeprefix("param_"): value for name, value in asked.items() if name.startswith("param_")}
        return self.send(*self.run(asked["query"], parameters))

    def do_POST(self):
        parts = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if parts.path == "/_flink":
            self.server.flink.change = json.loads(body)
            return self.send(200, b"")
        if parts.path == "/_take":
            table = urllib.parse.parse_qs(parts.query)["table"][0]
            with self.server.lock:
                self.server.engine.take(table, body.splitlines())
            return self.send(200, b"")
        return self.send(*self.run(body, None))

    def run(self, query, parameters):
        """The statement names its own format, as a client's does."""
        text, _, form = query.rpartition("FORMAT") if "FORMAT" in query else (query, "", "TabSeparated")
        try:
            with self.server.lock:
                answer = self.server.engine.session.query(text, form.strip(), params=parameters)
            return 200, bytes(answer.bytes()) if answer is not None else b""
        except Exception as error:
            return (404 if "Code: 60." in str(error) else 500), str(error).encode()

    def send(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Nobody reads it."""


def main():
    with tempfile.TemporaryDirectory() as work:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        server.daemon_threads = True
        server.engine, server.flink, server.lock = Engine(pathlib.Path(work) / "engine"), Flink(), threading.Lock()
        server.engine.fresh()
        server.engine.apply()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
