"""What was looked at and what came of it, one line each; and waiting for conditions with a bound."""

import time


class Report:
    """Collects what is wrong, so that one fault does not hide the next."""

    def __init__(self):
        self.wrong = []
        self.looked = 0

    def good(self, what):
        self.looked += 1
        print(f"ok    {what}", flush=True)

    def bad(self, what):
        self.looked += 1
        self.wrong.append(what)
        print(f"WRONG {what}", flush=True)

    def expect(self, holds, what, because=""):
        """One promise: true, or named with what was found instead."""
        if holds:
            self.good(what)
        else:
            self.bad(f"{what}: {because}" if because else what)
        return bool(holds)


class TooLate(Exception):
    """A condition that did not come to hold in time."""


def until(what, condition, seconds=30.0, every=0.1):
    """The first answer of `condition` that is true; what it said last stands in the failure."""
    end = time.monotonic() + seconds
    said = None
    while True:
        said = condition()
        if said:
            return said
        if time.monotonic() > end:
            raise TooLate(f"waited {seconds:.0f} s for: {what} (last: {said!r})")
        time.sleep(every)
