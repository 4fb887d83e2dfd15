"""Reads what a runbook page tells to do: the commands of its fenced blocks, and what is seen of each.

session   what an operator does, in order; a rehearsal runs it and takes its time
drill     what a rehearsal does around it (breaks something, makes load); run in its place, not timed
see       looks only; run on a live system, where it may answer yes (0) or no (3) and nothing else
sh        shown: its commands are held against the programs, and not run
"""

import pathlib
import re

RUN = ("session", "drill")
KINDS = RUN + ("see", "sh")


class Step:
    """One command: where it stands, and the lines that must come of it."""

    def __init__(self, page, line, heading, kind, command):
        self.page, self.line, self.heading, self.kind, self.command = page, line, heading, kind, command
        self.expected = []

    @property
    def place(self):
        return f"{self.page.name}:{self.line}"

    @property
    def exit(self):
        last = self.expected[-1] if self.expected else ""
        return int(last.split()[1]) if re.fullmatch(r"exit \d+", last) else 0

    @property
    def patterns(self):
        """Lines to be seen in this order; others may stand between them."""
        lines = self.expected[:-1] if self.expected and re.fullmatch(r"exit \d+", self.expected[-1]) else self.expected
        return [_pattern(line) for line in lines]


def _pattern(line):
    """`…` is anything, and how wide columns are says nothing."""
    words = [".*".join(re.escape(part) for part in word.split("…")) for word in line.split()]
    return re.compile(r"\s*" + r"\s+".join(words) + r"\s*")


class Page:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.text = self.path.read_text(encoding="utf-8")
        self.steps, self.problems = [], []
        self._read()

    @property
    def name(self):
        return self.path.name

    @property
    def title(self):
        return self.text.split("\n", 1)[0].removeprefix("# ").strip()

    def _read(self):
        heading, kind, step = self.title, None, None
        for number, line in enumerate(self.text.split("\n"), 1):
            if line.startswith("```"):
                opened = line[3:].strip()
                kind = None if kind else opened or "text"
                step = None
                if kind and kind not in KINDS + ("text", "json", "yaml", "sql"):
                    self.problems.append(f"{self.name}:{number}: a block of the unknown kind '{kind}'")
            elif kind in KINDS:
                step = self._take(line, number, heading, kind, step)
            elif kind is None and line.startswith("## "):
                heading = line[3:].strip()

    def _take(self, line, number, heading, kind, step):
        """A line of a block: a command, more of one, or something that is seen."""
        if kind in ("see", "sh"):
            if step and step.command.endswith("\\"):
                step.command = step.command[:-1] + line.strip()
            elif line.strip() and not line.startswith("#"):
                step = Step(self, number, heading, kind, line.strip())
                self.steps.append(step)
        elif line.startswith("$ "):
            step = Step(self, number, heading, kind, line[2:])
            self.steps.append(step)
        elif step and step.command.endswith("\\"):
            step.command = step.command[:-1] + line.strip()
        elif step and line.strip():
            step.expected.append(line)
        elif line.strip():
            self.problems.append(f"{self.name}:{number}: stands before any command")
        return step


def pages(folder):
    return [Page(path) for path in sorted(pathlib.Path(folder).glob("*.md"))]
