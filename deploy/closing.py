"""Passes on what a test run says as it comes, and says what failed once more at the end: a reader looks there first.

    swift test 2>&1 | python3 closing.py

Ends with 1 when no test was run at all: that is no success.
"""

import re
import sys

FAULT = re.compile("✘|.*error: ".encode())
MORE = "↳".encode()
NONE = re.compile(rb".* with 0 tests? in ")


def main():
    said, last, is_fault = [], b"", False
    for line in sys.stdin.buffer:
        # As it comes: of a run that is cut off, what it said last matters most.
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        last = line
        is_fault = FAULT.match(line) is not None or (is_fault and line.startswith(MORE))
        if is_fault:
            said.append(line)
    if NONE.match(last):
        print("test: no test was run")
        return 1
    if said:
        sys.stdout.buffer.write(b"test: failed:\n" + b"".join(said))
    elif b"Test run with" not in last:
        print(f"\ntest: ended in the middle, after: {last.decode(errors='replace').strip()}")
    return 0


sys.exit(main())
