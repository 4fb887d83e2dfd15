"""Holds what Flink wrote against our own folds: the read models' answers, and a fold of the events written here."""

import csv
import json
import re
from decimal import Decimal

import latency

def rows_of(folder):
    """What a filesystem sink has finished; hidden files are not."""
    rows = []
    for file in sorted(folder.glob("*")):
        if file.is_file() and not file.name.startswith((".", "_")):
            rows += [json.loads(line, parse_float=Decimal) for line in file.read_text().splitlines()]
    return rows


def changes_of(text, columns):
    """The last row of each key that a log of changes leaves: +I and +U put it there, -U and -D take it away."""
    table = {}
    for kind, inner in re.findall(r"shadow_parity(?::\d+)?> ([+-][IUD])\[(.*)\]", text):
        values = [None if value == "null" else value for value in inner.split(", ")]
        row = dict(zip(columns, values, strict=True))
        key = tuple(values[:3])
        if kind in ("+I", "+U"):
            table[key] = row
        else:
            table.pop(key, None)
    return list(table.values())


def csv_of(file):
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def same(left, right):
    """Counts and sums to the digit; what was divided, to the ninth."""
    if left in (None, "") or right in (None, ""):
        return left in (None, "") and right in (None, "")
    try:
        left, right = Decimal(str(left)), Decimal(str(right))
    except ArithmeticError:
        return str(left) == str(right)
    if left == left.to_integral_value() and right == right.to_integral_value():
        return left == right
    return abs(left - right) <= Decimal("1e-9") * max(abs(left), abs(right), 1)


def compare(name, flink, ours, keys):
    """Every row of ours is one of Flink's, in all columns of both, and Flink has no other."""
    if not ours:
        return [f"{name}: our own fold has no rows: nothing was compared"]
    left = {tuple(str(row[key]) for key in keys): row for row in flink}
    right = {tuple(str(row[key]) for key in keys): row for row in ours}
    faults = [] if len(left) == len(flink) else [f"{name}: a key comes twice"]
    for key in sorted(left.keys() | right.keys()):
        if key not in left or key not in right:
            faults.append(f"{name} {key}: only {'Flink' if key in left else 'our fold'} has it")
            continue
        # A column that one side does not have would be compared with nothing.
        if alone := left[key].keys() ^ right[key].keys():
            return [f"{name}: only one side has the columns {', '.join(sorted(alone))}"]
        for column, value in right[key].items():
            if not same(left[key][column], value):
                faults.append(f"{name} {key}: {column} is {left[key][column]} in Flink, {value} in our fold")
    return faults


def totals(shares):
    """The shares of all windows, account by account."""
    sums = {}
    for row in shares:
        total = sums.setdefault(row["account_label"], {"account_label": row["account_label"]})
        for column in ("orders", "lean", "alpaca", "lean_to_alpaca"):
            total[column] = total.get(column, 0) + int(row[column])
    return list(sums.values())


PARITY = ["judged_on", "account_label", "symbol", "intents", "passed", "drifted", "inconclusive", "delta_bps_sum",
          "delta_bps_most"]


def check(source, output, ours, said):
    """What differs, query by query: (how many rows Flink has, the differences)."""
    # A batch writes the end to a file; a stream prints each change.
    parity = rows_of(output / "shadow_parity") or changes_of(said.read_text(), PARITY)
    shares = rows_of(output / "route_share")
    window = ["window_start", "account_label"]
    sides = {
        "fallback_ratio": (
            rows_of(output / "fallback_ratio"), csv_of(ours / "fallback_ratio.csv"), [*window, "trading_mode"]),
        "route_share": (shares, csv_of(ours / "route_share.csv"), window),
        "route_share over all windows": (totals(shares), csv_of(ours / "executions.csv"), ["account_label"]),
        "hop_latency": (rows_of(output / "hop_latency"), latency.fold(source), ["window_start", "hop"]),
        "shadow_parity": (parity, csv_of(ours / "shadow_parity.csv"), PARITY[:3]),
    }
    return {name: (len(flink), compare(name, flink, own, keys)) for name, (flink, own, keys) in sides.items()}
