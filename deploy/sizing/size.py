"""What a rate of events needs, computed from the costs that docs/benchmarks.md measured: the tables of docs/sizing.md.

    size.py             writes the tables into docs/sizing.md
    size.py --check     exit code 3 when a figure there is further than a quarter from what the measurements give now:
                        a machine's speed moves, and a page that follows each per cent of it is read by nobody
"""

import argparse
import math
import pathlib
import re
import sys

RATES = (1_000, 100_000, 10_000_000)
# Of the machine that the figures were taken on.
CORES = 2
# Bytes of key, value and headers of one event, and events of one order: the mix of the group `everything`.
BYTES, PER_ORDER = 600, 8
COPIES = 3
# What is not measured here, and stands on the page as an assumption.
BROKER_DISK, LANE_BYTES = 250e6, 25e6
ROW = {
    "journal": "journal append, 4 batches of 1000 in flight",
    "write": "Kafka write through Bus, transactions of 10,000, with seven headers",
    "read": "Kafka read through Bus, with seven headers",
    "fold": "… our own processor time per million events",
    "all": "all 12 projections",
    "postgres": "all 12 projections",
    "rebuild": "rebuild of the two-table mix",
    "refold": "refold of",
    "decide": "decisions answered in batches",
    "feed": "broker updates classified in batches, from Kafka",
}


def measured(text):
    """The first figure of each row, and for Postgres alone the floor beside it."""
    rows = {}
    for line in text.split("\n"):
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 4:
            rows.setdefault(cells[1], cells[2:4])
    found = {}
    for name, begin in ROW.items():
        cell = next((cells for what, cells in rows.items() if what.startswith(begin)), None)
        if cell is None:
            sys.exit(f"docs/benchmarks.md has no row '{begin}…'")
        found[name] = float(re.match(r"[\d,.]+", cell[1 if name == "postgres" else 0])[0].replace(",", ""))
    return found


def amount(number, unit=""):
    """Two digits that mean something."""
    for factor, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if unit and number >= factor:
            return f"{_two(number / factor)} {letter}{unit}"
    return f"{_two(number)} {unit}".strip()


def _two(number):
    if number <= 0:
        return "0"
    digits = max(0, 1 - math.floor(math.log10(number)))
    return f"{round(number, digits):,.{digits if number < 10 else 0}f}"


def whole(number, least=1, times=1):
    """So many things, of which there are no parts."""
    return f"{max(least, math.ceil(number)) * times:,}"


def cores(number):
    return f"{_two(number)} cores" if number >= 0.1 else "below 0.1"


def tables(at):
    needs = [
        ("raw bytes of the log a second", lambda rate: amount(rate * BYTES, "B")),
        ("… a day of 24 hours, one copy", lambda rate: amount(rate * BYTES * 86_400, "B")),
        ("orders a second, 8 events each", lambda rate: amount(rate / PER_ORDER)),
        ("writing to Kafka, with the client's and the broker's share", lambda rate: cores(rate / at["write"] * CORES)),
        ("each further reader of everything", lambda rate: cores(rate / at["read"] * CORES)),
        ("writing to one journal: part of what its disk took", lambda rate: f"{_two(rate / at['journal'] * 100)} %"),
        ("folding two tables, our part", lambda rate: cores(rate * at["fold"] / 1e6)),
        ("all read models, our part and Postgres'", lambda rate: cores(rate / at["all"] * CORES)),
        ("… Postgres alone", lambda rate: cores(rate / at["postgres"] * CORES)),
        ("answering decisions: part of one process", lambda rate: f"{_two(rate / PER_ORDER / at['decide'] * 100)} %"),
        ("order feed, three updates an order: processes of two cores",
         lambda rate: whole(rate * 3 / PER_ORDER / at["feed"])),
        ("a day of it folded from its beginning, without a snapshot", lambda rate: hours(rate * 86_400 / at["refold"])),
        ("partitions of the busiest topic, at 25 MB/s each",
         lambda rate: whole(rate * BYTES / LANE_BYTES / 12, 1, 12)),
        ("brokers, 3 copies, 250 MB/s of disk each", lambda rate: whole(rate * BYTES * COPIES / BROKER_DISK, 3)),
    ]
    head = "| | 1k events/s | 100k events/s | 10M events/s |"
    lines = [head, "|---|---|---|---|"]
    lines += [f"| {what} | " + " | ".join(need(rate) for rate in RATES) + " |" for what, need in needs]
    return lines


def hours(seconds):
    if seconds < 120:
        return f"{_two(seconds)} s"
    return f"{_two(seconds / 60)} min" if seconds < 7_200 else f"{_two(seconds / 3600)} h"


def number(cell):
    """The figure of a cell as one number, for comparing."""
    match = re.search(r"[\d,]*\d(?:\.\d+)?", cell)
    if not match:
        return None
    factor = next((value for mark, value in ((" TB", 1e12), (" GB", 1e9), (" MB", 1e6), (" kB", 1e3), (" h", 3600),
                                             (" min", 60)) if mark in cell), 1)
    return float(match[0].replace(",", "")) * factor


def split(page):
    """The page before its table, the table's lines, and what comes behind."""
    lines = page.split("\n")
    start = next((index for index, line in enumerate(lines) if line.startswith("| | 1k events/s")), None)
    if start is None:
        sys.exit("docs/sizing.md has no table of the three rates")
    end = next(index for index in range(start, len(lines) + 1) if index == len(lines) or not lines[index].startswith("|"))
    return lines[:start], lines[start:end], lines[end:]


def differences(stands, computed):
    if len(stands) != len(computed):
        yield f"the table has {len(stands)} lines, not {len(computed)}"
    for old, new in zip(stands[2:], computed[2:]):
        before, now = ([cell.strip() for cell in line.split("|")[1:-1]] for line in (old, new))
        if before[0] != now[0]:
            yield f"'{before[0]}' stands where '{now[0]}' belongs"
        for cell, wanted in zip(before[1:], now[1:]):
            one, other = number(cell), number(wanted)
            if (one is None) != (other is None) or (one and abs(one - other) > max(one, other) / 4):
                yield f"{now[0]}: the page says {cell}, the measurements give {wanted}"


def main():
    house = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--docs", default=house / "docs", metavar="DIR")
    given = parser.parse_args()
    docs = pathlib.Path(given.docs)
    page = docs / "sizing.md"
    computed = tables(measured((docs / "benchmarks.md").read_text(encoding="utf-8")))
    before, stands, behind = split(page.read_text(encoding="utf-8"))
    if not given.check:
        page.write_text("\n".join(before + computed + behind), encoding="utf-8")
        return
    found = list(differences(stands, computed))
    print("\n".join(found) or f"sizing: {len(computed) - 2} rows agree with docs/benchmarks.md")
    sys.exit(3 if found else 0)


if __name__ == "__main__":
    main()
