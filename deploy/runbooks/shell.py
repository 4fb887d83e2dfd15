"""One bash that keeps its folder, variables, functions and background jobs from step to step."""

import os
import select
import shlex
import signal
import subprocess
import time

MARK = "\x01ended "


class TookTooLong(Exception):
    pass


class Shell:
    def __init__(self, folder, environment):
        # Whoever started us may ignore or hold back this signal, and what we start would inherit that and not end.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=folder, env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self.rest = b""

    def run(self, command, limit):
        """Runs one command; answers exit code, what it said, and how long it took."""
        began = time.monotonic()
        order = f"eval {shlex.quote(command)} </dev/null\nprintf '\\n{MARK}%s\\n' \"$?\"\n"
        self.process.stdin.write(order.encode())
        self.process.stdin.flush()
        lines = []
        while True:
            line = self._line(began + limit)
            if line.startswith(MARK):
                # The mark stands on a line of its own: what was said before it ends with one line end more.
                return int(line[len(MARK):]), "\n".join(lines).removesuffix("\n"), time.monotonic() - began
            lines.append(line)

    def _line(self, deadline):
        while b"\n" not in self.rest:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TookTooLong
            if not select.select([self.process.stdout], [], [], min(left, 0.5))[0]:
                # What runs in the background may hold the pipe open when the shell itself is gone.
                if self.process.poll() is not None:
                    raise EOFError("the shell ended")
                continue
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                raise EOFError("the shell ended")
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode("utf-8", "replace")

    def value(self, name):
        return self.run(f'printf %s "${{{name}:-}}"', 10)[1].strip()

    def close(self):
        """Ends what the page left running, by the number of its own group: first politely."""
        group = self.process.pid
        for number, wait in ((signal.SIGTERM, 8), (signal.SIGKILL, 5)):
            try:
                os.killpg(group, number)
            except ProcessLookupError:
                break
            deadline = time.monotonic() + wait
            while time.monotonic() < deadline and self._lives(group):
                time.sleep(0.05)
        self.process.stdin.close()
        self.process.wait(10)

    def _lives(self, group):
        self.process.poll()
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        return True
