"""Passes on what a test run says, and says what failed once more at the end: a reader looks there first.

    swift test 2>&1 | python3 closing.py LOG

A terminal gets every line as it comes; a pipe gets a line for each suite, tables, and of a failure what led to it. LOG
holds everything, also of a run that was cut off. Ends with 1 when no test was run, or not to the end.
"""

import collections
import pathlib
import re
import sys

FAULT = re.compile("✘|.*error: ".encode())
MORE = "↳".encode()
NONE = re.compile(rb".* with 0 tests? in ")
BEGUN = re.compile("◇ (Suite|Test) ".encode())
SUITE = re.compile("✔ Suite |✔ Test run ".encode())
# Tables, and what a storm is made again from.
TOLD = re.compile(rb"\||.*\bseed \d")
# What a test and the programs it started said before it failed tells why.
LED_TO_IT = 60


def say(*lines):
    for line in lines:
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def main():
    said, last, begun, run, is_fault = [], b"", b"", b"", False
    held = collections.deque(maxlen=0 if sys.stdout.isatty() else LED_TO_IT)
    path = pathlib.Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb", buffering=0) as log:
        for line in sys.stdin.buffer:
            log.write(line)
            last = line
            run = line if b" Test run with " in line else run
            begun = line if BEGUN.match(line) else begun
            is_fault = FAULT.match(line) is not None or (is_fault and line.startswith(MORE))
            if is_fault:
                said.append(line)
                say(*held, line)
                held.clear()
            elif held.maxlen == 0 or SUITE.match(line) or TOLD.match(line):
                say(line)
                held.clear()
            else:
                held.append(line)
    if NONE.match(run):
        say(b"test: no test was run\n")
        return 1
    if not run:
        say(*held, b"\ntest: ended in the middle, after: ", (begun or last).strip(), b"\n")
    if said:
        say(b"test: failed:\n", *said)
    return 0 if run else 1


sys.exit(main())
