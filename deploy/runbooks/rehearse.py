"""Does what a runbook page tells to do, on a system of its own in an empty folder, and holds it to what the page says
is seen.

    rehearse.py PAGE… --programs DIR [--folder DIR] [--keep] [--limit SECONDS] [--see FOLDER] [--times FILE]
                [--set NAME=VALUE]

Every step of the blocks `session` and `drill` is run in order in one bash; a step must end with the exit code and show
the lines that stand behind it. --see then runs what all pages of a folder show under `see`, on the system that the page
left running. --times writes how long each recovery took: the steps of `session` below one heading of a page. --keep leaves the folder of a page that was not right.
Exit code 3 when something was not as the page says.
"""

import argparse
import datetime
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

from page import RUN, Page, pages
from shell import Shell, TookTooLong

# Seconds that one step may take.
STEP_LIMIT = 120


class Rehearsal:
    def __init__(self, folder, programs, settings, limit=STEP_LIMIT):
        self.limit = limit
        environment = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("TORGHUT_", "TRADING_", "APCA_", "LEAN_", "DB_", "PG"))
        }
        for name in ("TORGHUT_HOME", "TORGHUT_PG_BIN"):
            if name in os.environ:
                environment[name] = os.environ[name]
        environment.update(settings)
        environment["PATH"] = f"{programs}:{environment.get('PATH', '/usr/bin:/bin')}"
        environment.setdefault("HOUSE", str(pathlib.Path(__file__).resolve().parents[2]))
        self.shell = Shell(folder, environment)
        self.differences = []
        self.times = {}

    def run(self, page):
        for step in page.steps:
            if step.kind not in RUN:
                continue
            took = self.step(step)
            if took is None:
                return False
            if step.kind == "session":
                known = self.times.setdefault((page.name, step.heading), [0.0, ""])
                known[0] += took
                known[1] = self.shell.value("RECORDS")
        return True

    def step(self, step):
        """How long it took, or None when it was not as the page says."""
        print(f"{step.place}: $ {step.command}", flush=True)
        try:
            code, said, took = self.shell.run(step.command, self.limit)
        except (TookTooLong, EOFError) as ended:
            return self.differ(step, f"did not end: {type(ended).__name__}", "")
        print(f"    {took:.2f} s, exit {code}", flush=True)
        if code != step.exit:
            return self.differ(step, f"ended with {code}, not {step.exit}", said)
        lines = iter(said.split("\n"))
        for wanted, pattern in zip(step.expected, step.patterns):
            if not any(pattern.fullmatch(line) for line in lines):
                return self.differ(step, f"does not show: {wanted}", said)
        return took

    def look(self, folder):
        """Everything that pages show to be looked at, once each."""
        seen = set()
        for step in (step for page in pages(folder) for step in page.steps if step.kind == "see"):
            if step.command in seen:
                continue
            seen.add(step.command)
            print(f"{step.place}: $ {step.command}", flush=True)
            try:
                code, said, took = self.shell.run(step.command, 60)
            except (TookTooLong, EOFError) as ended:
                self.differ(step, f"did not end: {type(ended).__name__}", "")
                return
            print(f"    {took:.2f} s, exit {code}", flush=True)
            if code not in (0, 3):
                self.differ(step, f"ended with {code}: a look answers 0 or 3", said)
        print(f"looked: {len(seen)} commands", flush=True)

    def differ(self, step, what, said):
        self.differences.append(f"{step.place}: {what}")
        print(f"NOT AS THE PAGE SAYS: {step.place}: {what}\n$ {step.command}\n{said}", flush=True)


def machine(programs):
    release = dict(
        line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
    models = [line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith("model name")]
    version = subprocess.run(
        [f"{programs}/torghut", "doctor", "--help"], capture_output=True, text=True, check=True)
    assert version.returncode == 0
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    build = "release" if "release" in str(pathlib.Path(programs).resolve()) else "debug"
    return (f"{release['PRETTY_NAME'].strip(chr(34))}, {os.cpu_count()} cores of {models[0] if models else platform.machine()}, "
            f"{memory:.0f} GiB, programs of a {build} build")


def table(times, programs):
    day = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    lines = [
        "# Times of the recoveries", "",
        "How long each recovery took when its page was rehearsed: the commands of the page, run as they stand there, with all",
        "waiting that they name. `make recovery-times` writes this page; what a person needs to read and decide comes on top.", "",
        f"Taken on {day}: {machine(programs)}.", "",
        "| recovery | page | records on the log | took |", "|---|---|---|---|",
    ]
    for (page, heading), (took, records) in times.items():
        count = f"{int(records):,}" if records.isdigit() else "–"
        lines.append(f"| {heading} | [{page.removesuffix('.md')}]({page}) | {count} | {took:.1f} s |")
    return "\n".join(lines) + "\n"


def rehearse(page, given, settings):
    """One page in an empty folder; what is left of it goes, unless somebody wants to look."""
    folder = tempfile.mkdtemp(prefix="torghut-rehearsal-", dir=given.folder)
    # A database server of our own belongs to another user, who must reach its folder.
    os.chmod(folder, 0o755)
    rehearsal = Rehearsal(folder, str(pathlib.Path(given.programs).resolve()), settings, given.limit)
    try:
        if rehearsal.run(page) and given.see:
            rehearsal.look(given.see)
    finally:
        rehearsal.shell.close()
        if given.keep and rehearsal.differences:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return rehearsal


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", metavar="PAGE")
    parser.add_argument("--programs", required=True, metavar="DIR")
    parser.add_argument("--folder", metavar="DIR")
    parser.add_argument("--limit", type=int, default=STEP_LIMIT, metavar="SECONDS")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--see", metavar="FOLDER")
    parser.add_argument("--times", metavar="FILE")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    settings = dict(pair.split("=", 1) for pair in given.set)
    differences, times = [], {}
    for path in given.pages:
        page = Page(path)
        if page.problems or not any(step.kind in RUN for step in page.steps):
            sys.exit(f"{page.name}: {'; '.join(page.problems) or 'shows nothing to be done'}")
        rehearsal = rehearse(page, given, settings)
        differences += rehearsal.differences
        times.update(rehearsal.times)
    for (name, heading), (took, records) in times.items():
        print(f"took {took:.1f} s: {heading} ({name}, {records or 'no'} records)")
    if differences:
        print("\n".join(differences), file=sys.stderr)
        sys.exit(3)
    if given.times:
        pathlib.Path(given.times).write_text(table(times, given.programs), encoding="utf-8")
    print("rehearsed: as the pages say")


if __name__ == "__main__":
    main()
