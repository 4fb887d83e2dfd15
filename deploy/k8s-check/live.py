"""Starts every container as its manifest says, on this machine, with everything away that it leans on: no Kafka, no
Postgres, no broker. Then its probes have to say so: begun, gets on, may not work. The API alone may be asked all the same,
because it takes a stop whatever is away. Nothing here leaves loopback.

  live.py PROGRAM      the other programs lie beside it
"""
import concurrent.futures
import contextlib
import os
import pathlib
import random
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from facts import ROOT
from objects import EXPANSION, World
from render import render

# Nobody listens there.
NOWHERE = "127.0.0.1:9"
PORTS = ("TORGHUT_HTTP_PORT", "TORGHUT_API_PORT", "LEAN_RUNNER_PORT")
PATIENCE = 40
ANSWERS_WITHIN = 15
# What each probe has to answer while everything is away.
ANSWERS = {"startupProbe": 200, "livenessProbe": 200, "readinessProbe": 503}


# Below those that systems give to connections that go out.
UNTRIED = iter(random.sample(range(20000, 32000), 200))


def free_port():
    """Never the same again: who gets it listens later."""
    for port in UNTRIED:
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("of 200 ports from 20000 to 31999 none is left that is free")


class Started:
    """A container's process, with what its manifest tells it, but for where things are."""

    def __init__(self, work, programs, ground, trust):
        self.work, self.trust = work, trust
        self.folder = ground / work.name
        self.folder.mkdir()
        self.numbers = {}
        environment = {"PATH": os.environ["PATH"]}
        for name, value in work.environment.items():
            environment[name] = self.here(name, value, ground)
        for name, value in environment.items():
            environment[name] = EXPANSION.sub(lambda match: environment[match.group(1)], value)
        command = [str(programs / work.program), *work.container.get("args", [])]
        self.log = self.folder / "log"
        self.process = subprocess.Popen(
            command, env=environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.log.open("w"))

    def here(self, name, value, ground):
        if name in PORTS:
            self.numbers[value] = str(free_port())
            return self.numbers[value]
        if name.endswith("_HOST"):
            return "127.0.0.1"
        if name == "TORGHUT_LOG":
            return f"kafka:{NOWHERE}"
        if name == "TORGHUT_KAFKA_PROPS":
            return ""
        if name == "TRADING_LEAN_RUNNER_URL":
            return f"https://{NOWHERE}"
        if value is None:
            return f"postgresql://nobody:nothing@{NOWHERE}/nothing" if name == "DB_URI" else "a-secret-of-this-test"
        # A file of a secret, or a folder of its own: what the path's last part is called lies in the ground.
        if re.match(r"/etc/torghut/", value):
            return str(ground / pathlib.Path(value).name)
        if re.match(r"/(var|tmp)/", value):
            return str(self.folder / "data")
        return value.replace("/etc/torghut/db/ca.crt", str(ground / "ca.crt"))

    def ask(self, port, path, scheme="HTTP", token=None):
        number = self.numbers[str(self.work.ports.get(port, port))]
        request = urllib.request.Request(f"{scheme.lower()}://127.0.0.1:{number}{path}")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        trust = self.trust if scheme == "HTTPS" else None
        try:
            with urllib.request.urlopen(request, timeout=ANSWERS_WITHIN, context=trust) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return None, str(error)

    def probe(self, name):
        told = self.work.container[name]["httpGet"]
        return self.ask(told["port"], told["path"], told.get("scheme", "HTTP"))

    def faults(self):
        """In the order in which a kubelet asks; the first is waited for."""
        deadline = time.monotonic() + PATIENCE
        while (answer := self.probe("startupProbe"))[0] != ANSWERS["startupProbe"] and time.monotonic() < deadline:
            if self.process.poll() is not None:
                yield f"{self.work.title}: ended with {self.process.returncode}: {self.log.read_text()[-600:]}"
                return
            time.sleep(0.1)
        if answer[0] != ANSWERS["startupProbe"]:
            yield f"{self.work.title}: has not begun after {PATIENCE} s: {answer}"
        for name in ("livenessProbe", "readinessProbe"):
            answer = self.probe(name)
            wanted = 200 if self.work.role == "api" else ANSWERS[name]
            if answer[0] != wanted:
                yield f"{self.work.title}: {name} answers {answer}, not {wanted}"
        runner = self.work.program == "lean-runner"
        status, text = (self.ask("https", "/metrics", "HTTPS", "a-secret-of-this-test") if runner
                        else self.ask("control", "/metrics"))
        if status != 200 or "# TYPE torghut_" not in text:
            yield f"{self.work.title}: /metrics answers {status}"
        for variable, use in (("LEAN_RUNNER_CERT", "runner"), ("TORGHUT_API_CERT", "api")):
            told = f'torghut_certificate_expires_timestamp_seconds{{use="{use}"}} '
            if variable in self.work.environment and told not in text:
                yield f"{self.work.title}: does not tell when its certificate ends"
        if "TORGHUT_CONTROL_TOKEN" in self.work.environment:
            yield from self.kill_needs_a_token()

    def kill_needs_a_token(self):
        number = self.numbers[self.work.environment["TORGHUT_HTTP_PORT"]]
        request = urllib.request.Request(f"http://127.0.0.1:{number}/control/kill", data=b"", method="POST")
        try:
            urllib.request.urlopen(request, timeout=ANSWERS_WITHIN)
            yield f"{self.work.title}: rings the stop for whoever asks"
        except urllib.error.HTTPError as error:
            if error.code != 401:
                yield f"{self.work.title}: a stop without a token is answered with {error.code}"

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def certificates(ground):
    """One that is its own authority, under the names that the manifests have for its files."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", ground / "tls.key",
         "-out", ground / "tls.crt"], check=True, capture_output=True)
    (ground / "ca.crt").write_bytes((ground / "tls.crt").read_bytes())
    os.chmod(ground / "tls.key", 0o600)
    (ground / "tokens").write_text("test read a-long-random-text-of-this-test\n")
    os.chmod(ground / "tokens", 0o600)
    return ssl.create_default_context(cafile=ground / "ca.crt")


def main(program):
    programs = pathlib.Path(program).resolve().parent
    world = World(render(ROOT / "deploy/k8s/overlays/paper"))
    with tempfile.TemporaryDirectory() as name:
        ground = pathlib.Path(name)
        trust = certificates(ground)
        started = []
        try:
            for work in world.workloads:
                if "startupProbe" in work.container:
                    started.append(Started(work, programs, ground, trust))
            with concurrent.futures.ThreadPoolExecutor(len(started)) as pool:
                found = [fault for faults in pool.map(lambda one: list(one.faults()), started) for fault in faults]
        finally:
            for one in started:
                one.end()
    print("\n".join(found) or f"live: {len(started)} containers, each says what is so")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
