"""The same question to Postgres and to ClickHouse: counts and sums of a day, which must not differ."""

import decimal
import subprocess
import time

NULL, MARK = "(null)", "=== "


def once(table):
    """A table of steps has a row for each record, also where one event was written twice: here each event counts once."""
    return f"(SELECT DISTINCT ON (event_id) * FROM {table} ORDER BY event_id, log_partition, log_offset) steps"


# Name, Postgres, ClickHouse. Rows are compared as sets; numbers as numbers.
SUMS = [
    ("decisions",
     "SELECT count(*), count(DISTINCT symbol) FROM trade_decisions WHERE decision_event_ts IS NOT NULL",
     "SELECT uniqExact(account_label, decision_hash, symbol), uniqExact(symbol) FROM torghut.decisions"),
    ("what decisions asked for",
     "SELECT action, count(*), sum(qty), sum(notional), sum(reference_bid), sum(reference_ask) FROM trade_decisions "
     "WHERE body_rank = 0 GROUP BY action",
     "SELECT action, count(), sum(qty), sum(notional), sum(reference_quote_bid), sum(reference_quote_ask) FROM ("
     "SELECT * FROM torghut.decisions ORDER BY event_ts LIMIT 1 BY account_label, decision_hash, symbol) "
     "GROUP BY action"),
    ("answers",
     "SELECT count(intent_id), count(*) FILTER (WHERE reject_class IS NOT NULL) FROM trade_decisions",
     "SELECT uniqExactIf((account_label, decision_hash, symbol), event_type = 'intent.emitted'), "
     "uniqExactIf((account_label, decision_hash, symbol), event_type = 'decision.rejected') FROM torghut.order_intents"),
    ("steps of the route",
     f"SELECT event_type, count(*), count(DISTINCT intent_id) FROM {once('route_steps')} GROUP BY event_type",
     "SELECT event_type, count(), uniqExact(intent_id) FROM torghut.route GROUP BY event_type"),
    ("attempts",
     "SELECT execution_adapter, state, count(*) FROM route_attempts GROUP BY 1, 2",
     "SELECT execution_adapter, state, count() FROM torghut.attempts GROUP BY 1, 2"),
    ("money of the attempts",
     "SELECT count(*), sum(qty), sum(notional), sum(limit_price) FROM route_attempts",
     "SELECT uniqExact(attempt_id), sum(qty), sum(notional), sum(limit_price) FROM torghut.route "
     "WHERE event_type = 'route.attempt_prepared'"),
    ("updates of orders",
     "SELECT classification, count(*), sum(qty), sum(filled_qty), sum(fill_qty), sum(fill_qty * fill_price), "
     f"sum(filled_qty_delta), sum(avg_fill_price) FROM {once('execution_order_events')} GROUP BY 1",
     "SELECT classification, count(), sum(qty), sum(filled_qty), sum(fill_qty), sum(fill_qty * fill_price), "
     "sum(filled_qty_delta), sum(avg_fill_price) FROM torghut.order_events "
     "WHERE event_type = 'order.broker_update_recorded' GROUP BY 1"),
    ("fills",
     "SELECT symbol, count(*), count(*) FILTER (WHERE is_busted), sum(effective_qty), "
     "sum(effective_qty * effective_price) FROM execution_fills GROUP BY 1",
     "SELECT symbol, count(), countIf(is_busted), sum(effective_qty), sum(effective_qty * effective_price) "
     "FROM torghut.fills GROUP BY 1"),
    ("discrepancies",
     "SELECT kind, count(*), count(*) FILTER (WHERE status = 'resolved') FROM discrepancies GROUP BY 1",
     "SELECT any(kind), count(), countIf(resolved) FROM (SELECT anyIf(kind, kind != '') AS kind, "
     "countIf(event_type = 'order.discrepancy_resolved') > 0 AS resolved FROM torghut.order_events "
     "WHERE discrepancy_id IS NOT NULL GROUP BY account_label, discrepancy_id, symbol) GROUP BY kind"),
    ("shadows",
     "SELECT event_type, parity_status, count(*), sum(simulated_fill_price), sum(parity_delta_bps) "
     f"FROM {once('lean_execution_shadow_events')} GROUP BY 1, 2",
     "SELECT event_type, if(event_type = 'shadow.failed', 'error', parity_status), count(), "
     "sum(simulated_fill_price), sum(parity_delta_bps) FROM torghut.lean_shadow GROUP BY 1, 2"),
    ("parity by the last word",
     "SELECT parity_status, count(*), sum(parity_delta_bps) FROM (SELECT DISTINCT ON (intent_id) * FROM "
     "lean_execution_shadow_events WHERE event_type = 'shadow.parity_judged' ORDER BY intent_id, revision DESC) latest "
     "GROUP BY 1",
     "SELECT parity_status, count(), sum(parity_delta_bps) FROM torghut.shadow_parity GROUP BY 1"),
    ("shadows of strategies",
     f"SELECT strategy_id, count(*), sum(parity_score), sum(latency_us) FROM {once('lean_strategy_shadow_evaluations')} GROUP BY 1",
     "SELECT strategy_id, count(), sum(governance_json_parity_score), sum(latency_us) FROM torghut.lean_strategy_shadow "
     "GROUP BY 1"),
    ("backtests",
     "SELECT count(*), count(DISTINCT lane) FROM lean_backtest_runs",
     "SELECT uniqExact(backtest_id), uniqExact(lane) FROM torghut.lean_backtests"),
    ("verdicts of the canary",
     f"SELECT breach_type, verdict, count(*), sum(sample), sum(observed), sum(threshold) FROM {once('lean_canary_verdicts')} "
     "GROUP BY 1, 2",
     "SELECT breach_type, verdict, count(), sum(sample), sum(observed), sum(threshold) FROM torghut.lean_canary "
     "WHERE event_type = 'canary.verdict_reached' GROUP BY 1, 2"),
    ("incidents",
     "SELECT count(*) FROM lean_canary_incidents",
     "SELECT uniqExactIf(incident_key, incident_key != '') FROM torghut.lean_canary"),
    ("rollout steps",
     f"SELECT phase, count(*), sum(scope_share) FROM {once('lean_rollout_steps')} GROUP BY 1",
     "SELECT phase, count(), sum(scope_share) FROM torghut.lean_canary WHERE event_type = 'canary.rollout_step_taken' "
     "GROUP BY 1"),
    ("control",
     f"SELECT event_type, count(*) FROM {once('control_history')} GROUP BY 1",
     "SELECT event_type, count() FROM torghut.control GROUP BY 1"),
    ("parked records",
     "SELECT projection, count(*) FROM quarantine WHERE parked_count > 0 GROUP BY 1",
     "SELECT projection, uniqExact(projection_version, source_topic, source_partition, source_offset) "
     "FROM torghut.quarantine GROUP BY 1"),
]


def postgres(dsn):
    """What Postgres says: rows of figures by name, all in one session."""
    script = "".join(f"\\echo {MARK}{number}\n{ours};\n" for number, (_, ours, _) in enumerate(SUMS))
    command = ["psql", dsn, "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--field-separator", "\x1f",
               "--pset", f"null={NULL}", "--set", "ON_ERROR_STOP=1"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        raise RuntimeError(f"psql: {done.stderr.strip()}")
    parts = done.stdout.split(MARK)[1:]
    return {name: figures([None if cell == NULL else cell for cell in line.split("\x1f")]
                          for line in part.split("\n")[1:] if line)
            for (name, _, _), part in zip(SUMS, parts, strict=True)}


def figures(rows):
    return sorted(tuple(plain(cell) for cell in row) for row in rows)


def plain(cell):
    """A number without the zeros behind it; a word that is not there is empty here and null there."""
    try:
        number = decimal.Decimal(cell)
    except (decimal.InvalidOperation, TypeError):
        return cell or ""
    return "0" if number == 0 else format(number.normalize(), "f")


def empty(ours):
    """Names of what a day has none of: it shows nothing of these."""
    return [name for name, rows in ours.items() if all(set(row) <= {"", "0"} for row in rows)]


def compare(engine, ours, database="torghut", only=None):
    """What differs from Postgres' figures, by name."""
    wrong = []
    for name, _, theirs in SUMS:
        if only and name != only:
            continue
        other = figures(engine.table(theirs.replace("torghut.", f"{database}.")))
        if ours[name] != other:
            wrong.append(f"{name}: Postgres has {set(ours[name]) - set(other)}, ClickHouse {set(other) - set(ours[name])}")
    return wrong


def settle(engine, ours, patience=15.0):
    """The same, for rows that are still on their way: who reads from a broker sees them a moment later."""
    deadline = time.monotonic() + patience
    while True:
        wrong = compare(engine, ours)
        if not wrong or time.monotonic() > deadline:
            return wrong
        time.sleep(0.2)


def count(ours):
    """How many figures are compared."""
    return sum(len(row) for rows in ours.values() for row in rows)
