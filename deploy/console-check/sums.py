"""The log's answers in sum, as the pages show them: made from the folds, never from an answer of the API."""

from collections import Counter
from decimal import Decimal

from folds import DECISIONS, ROUTE, exact, micros, rounded

VERDICTS = ("unanswered", "blocked", "rejected", "accepted")


def nearest_rank(part, values):
    """The smallest of the values that so many of them do not exceed."""
    ordered = sorted(values)
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * int(part * 100) // 100) - 1)]


def ratio(part, whole):
    return rounded(Decimal(part) / Decimal(whole)) if whole else None


def decisions(log, stretch):
    rows = stretch.of(log.decisions().values())
    verdicts = Counter(VERDICTS[row["rank"]] for row in rows)
    sums = {"decisions": len(rows), "conflicted": sum(row["conflicted"] for row in rows)}
    return sums | {verdict: verdicts[verdict] for verdict in VERDICTS}


def reasons(log, stretch):
    """How many decisions have each reason, by verdict and reason."""
    return Counter((VERDICTS[row["rank"]], reason) for row in stretch.of(log.decisions().values()) if row["rank"] in (1, 2)
                   for reason in row["reasons"])


def share(log, stretch):
    """Orders by the route that took them."""
    orders = stretch.of(log.orders().values())
    taken = Counter(row["execution_actual_adapter"] for row in orders)
    meant = [row for row in orders if row["execution_expected_adapter"] == "lean"]
    fell = sum(int(row["execution_fallback_count"]) > 0 for row in meant)
    known = sum(count for adapter, count in taken.items() if adapter != "unknown")
    return {
        "orders": len(orders), "by_lean": taken["lean"], "by_alpaca": taken["alpaca"], "not_taken": taken["unknown"],
        "by_simulation": taken["simulation"], "lean_share": ratio(taken["lean"], known), "expected_lean": len(meant),
        "fell_back": fell, "fallback_ratio": ratio(fell, len(meant)),
    }


def slippage(log, stretch):
    """What fills cost by route, in basis points."""
    costs = {adapter: [Decimal(row["slippage_bps"]) for row in stretch.of(log.orders().values())
                       if row.get("slippage_bps") is not None and row["execution_actual_adapter"] == adapter]
             for adapter in ("lean", "alpaca")}
    found = {}
    for adapter, values in costs.items():
        found[f"{adapter}_orders"] = len(values)
        for name, part in (("p50", Decimal("0.5")), ("p95", Decimal("0.95"))):
            value = nearest_rank(part, values)
            found[f"{adapter}_{name}_bps"] = None if value is None else exact(value)
    both = found["lean_p95_bps"], found["alpaca_p95_bps"]
    found["difference_bps"] = exact(Decimal(both[0]) - Decimal(both[1])) if None not in both else None
    return found


def parity(log, stretch):
    """How far real fills are from simulated ones, over all intents."""
    rows = log.shadows(stretch).values()
    states = Counter(row["parity_status"] for row in rows)
    deltas = [Decimal(row["parity_delta_bps"]) for row in rows if row.get("parity_delta_bps") is not None]
    found = {
        "intents": len(rows), "passed": states["pass"], "drifted": states["drift"],
        "inconclusive": states["inconclusive"], "failed": states["error"], "waiting": states["unknown"],
        "drift_ratio": ratio(states["drift"], states["pass"] + states["drift"]), "judged": len(deltas),
        "average_bps": rounded(sum(deltas) / len(deltas)) if deltas else None,
    }
    for name, part in (("p05", Decimal("0.05")), ("p50", Decimal("0.5")), ("p95", Decimal("0.95"))):
        value = nearest_rank(part, deltas)
        found[f"{name}_bps"] = None if value is None else exact(value)
    return found


PARTS = {"p50": Decimal("0.5"), "p95": Decimal("0.95"), "p99": Decimal("0.99")}


def send_delays(log, stretch):
    """Microseconds from each decision to the first attempt that was prepared for it, as the read models round times."""
    first = {}
    for event in log.events(ROUTE):
        if event["event_type"] == "route.attempt_prepared":
            key = event["payload"]["decision_hash"]
            first[key] = min(first.get(key, (1 << 63)), micros(event["event_ts"]))
    made = {}
    for event in log.events(DECISIONS):
        if event["event_type"] == "decision.recorded":
            made.setdefault(event["payload"]["decision_hash"], micros(event["event_ts"]))
    rows = log.decisions()
    return [first[key] - made[key] for key in first if key in made and stretch.holds(rows[key]["created"])]
