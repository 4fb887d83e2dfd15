"""A real Flink: its own table environments in one JVM of ours, driven over loopback.

A script is what job.sh prints. Each gets a table environment of its own and, for its job, a cluster inside the JVM that
ends with it. What Flink prints (the connector `print`) goes to the file that is named when the JVM begins.
"""

import glob
import re
import subprocess
import time

from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway
from py4j.protocol import Py4JJavaError

# Debian's, whatever else is installed.
JAVA = next(iter(sorted(glob.glob("/usr/lib/jvm/java-17-openjdk-*/bin/java"))), "java")
SETTING = re.compile(r"SET\s+'([^']+)'\s*=\s*'([^']*)'", re.IGNORECASE)
# Every port of a cluster.
HOSTS = ("rest.bind-address", "rest.address", "jobmanager.bind-host", "taskmanager.bind-host", "jobmanager.rpc.address")


class Refused(Exception):
    """Flink's own word against a statement."""


def statements(text):
    """At semicolons that end a line; a set of statements is one, from EXECUTE to END."""
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    parts, whole = [], None
    for part in (piece.strip() for piece in re.split(r";[ \t]*(?:\n|$)", text)):
        if whole is None and part.upper().startswith("EXECUTE STATEMENT SET"):
            whole = [part]
        elif whole is not None:
            whole.append(part)
            if part.upper() == "END":
                parts.append(";\n".join(whole))
                whole = None
        elif part:
            parts.append(part)
    if whole is not None:
        raise Refused("EXECUTE STATEMENT SET has no END")
    return parts


def cause(error):
    """The deepest reason in a line: the rest is Java's way of getting there."""
    reason = error.java_exception
    while reason.getCause() is not None:
        reason = reason.getCause()
    return " ".join(str(reason.toString()).split())


class Flink:
    def __init__(self, home, folder, said):
        self.said, self.marks = said, 0
        quiet = folder / "log4j2.properties"
        quiet.write_text("rootLogger.level = OFF\n")
        port, token = launch_gateway(
            classpath=":".join(str(jar) for jar in sorted((home / "lib").glob("*.jar"))), java_path=JAVA,
            javaopts=["-Xmx1g", f"-Djava.io.tmpdir={folder}", f"-Dlog4j.configurationFile={quiet}"],
            die_on_exit=True, enable_auth=True, redirect_stdout=said.open("w", buffering=1), redirect_stderr=subprocess.DEVNULL)
        self.gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=token))

    def run(self, text, port=None):
        """Settings come before everything: a table environment is made with them. Gives it back."""
        parts = statements(text)
        settings = dict(match.groups() for match in map(SETTING.fullmatch, parts) if match)
        settings |= {"execution.target": "local", "parallelism.default": "1"} | dict.fromkeys(HOSTS, "127.0.0.1")
        if port:
            settings |= {"rest.bind-port": str(port), "rest.port": str(port)}
        table = self.environment(settings)
        for part in (part for part in parts if not SETTING.fullmatch(part)):
            try:
                table.executeSql(part)
            except Py4JJavaError as error:
                raise Refused(f"{cause(error)}\n  in: {' '.join(part.split())[:160]}") from error
        return table

    def drain(self, patience=30):
        """Until all that Flink printed so far is in the file: the bridge copies it line by line, behind us."""
        self.marks += 1
        mark, deadline = f"mark {self.marks}", time.monotonic() + patience
        self.gateway.jvm.System.out.println(mark)
        while mark not in self.said.read_text().splitlines():
            if time.monotonic() > deadline:
                raise Refused("what Flink printed does not come")
            time.sleep(0.05)

    def environment(self, settings):
        api = self.gateway.jvm.org.apache.flink
        configuration = api.configuration.Configuration()
        for name, value in settings.items():
            configuration.setString(name, value)
        chosen = api.table.api.EnvironmentSettings.newInstance().withConfiguration(configuration).build()
        return api.table.api.TableEnvironment.create(chosen)

    def columns(self, table, name):
        """What DESCRIBE says of a table, row by row."""
        rows, found = table.executeSql(f"DESCRIBE {name}").collect(), []
        while rows.hasNext():
            found.append(rows.next().toString())
        return found

    def close(self):
        self.gateway.shutdown()
