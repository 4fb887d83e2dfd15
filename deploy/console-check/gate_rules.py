"""What each figure of LEAN's rollout gate and of the backtests must be."""

from collections import Counter
from decimal import Decimal

import sums
from folds import CANARY, CONTROL, row_id
from rule import Rule, named

# -- LEAN rollout gate

SHARE = ("orders", "by_lean", "by_alpaca", "fell_back", "lean_share", "not_taken")


def share_sql(question):
    return f"""
        SELECT json_build_object('orders', count(*), 'by_lean', count(*) FILTER (WHERE execution_actual_adapter = 'lean'),
            'by_alpaca', count(*) FILTER (WHERE execution_actual_adapter = 'alpaca'),
            'not_taken', count(*) FILTER (WHERE execution_actual_adapter = 'unknown'),
            'fell_back', count(*) FILTER (WHERE execution_expected_adapter = 'lean' AND execution_fallback_count > 0),
            'lean_share', round(count(*) FILTER (WHERE execution_actual_adapter = 'lean')::numeric
                / nullif(count(*) FILTER (WHERE execution_actual_adapter <> 'unknown'), 0), 9)::text)
        FROM executions WHERE {question.stretch.sql()}"""


def share_log(logs, question):
    told = sums.share(logs["executions"], question.stretch)
    return named("share.", {name: told[name] for name in SHARE})


def fallback_sql(question):
    return f"""
        SELECT json_build_object('verdicts', count(*), 'breaches', count(*) FILTER (WHERE verdict = 'breach'),
            'inconclusive', count(*) FILTER (WHERE verdict = 'inconclusive'), 'worst', max(observed)::text,
            'observed', (array_agg(observed::text ORDER BY log_offset DESC) FILTER (WHERE observed IS NOT NULL))[1],
            'threshold', (array_agg(threshold::text ORDER BY log_offset DESC) FILTER (WHERE threshold IS NOT NULL))[1])
        FROM lean_canary_verdicts WHERE breach_type = 'fallback_ratio_exceeded' AND is_closed IS NOT TRUE
            AND {question.stretch.sql()}"""


def fallback_log(logs, question):
    said = [event["payload"] for event in logs["lean_canary_verdicts"].events(CANARY)
            if event["event_type"] == "canary.verdict_reached" and not event["payload"].get("is_closed")
            and event["payload"]["breach_type"] == "fallback_ratio_exceeded"
            and question.stretch.holds(event["event_ts"])]
    words = Counter(one["verdict"] for one in said)
    last = {name: next((one[name] for one in reversed(said) if one.get(name) is not None), None)
            for name in ("observed", "threshold")}
    measured = [Decimal(one["observed"]) for one in said if one.get("observed") is not None]
    return named("fallback.", {"verdicts": len(said), "breaches": words["breach"], **last,
                               "inconclusive": words["inconclusive"], "worst": max(measured, default=None)})


def last_shadows(question):
    return f"""
        SELECT DISTINCT ON (intent_id) parity_status, parity_delta_bps FROM lean_execution_shadow_events
        WHERE {question.stretch.sql()} ORDER BY intent_id, log_offset DESC"""


def drift_sql(question):
    return f"""
        SELECT json_build_object('intents', count(*), 'passed', count(*) FILTER (WHERE parity_status = 'pass'),
            'drifted', count(*) FILTER (WHERE parity_status = 'drift'),
            'inconclusive', count(*) FILTER (WHERE parity_status = 'inconclusive'),
            'failed', count(*) FILTER (WHERE parity_status = 'error'),
            'ratio', round(count(*) FILTER (WHERE parity_status = 'drift')::numeric
                / nullif(count(*) FILTER (WHERE parity_status IN ('pass', 'drift')), 0), 9)::text)
        FROM ({last_shadows(question)}) AS one"""


def drift_log(logs, question):
    told = sums.parity(logs["lean_execution_shadow_events"], question.stretch)
    names = ("intents", "passed", "drifted", "inconclusive", "failed")
    return named("drift.", {**{name: told[name] for name in names}, "ratio": told["drift_ratio"]})


def spread_sql(question):
    return f"""
        SELECT json_build_object('judged', count(parity_delta_bps),
            'average_bps', round(avg(parity_delta_bps), 9)::text,
            'p05_bps', (percentile_disc(0.05) WITHIN GROUP (ORDER BY parity_delta_bps))::text,
            'p50_bps', (percentile_disc(0.5) WITHIN GROUP (ORDER BY parity_delta_bps))::text,
            'p95_bps', (percentile_disc(0.95) WITHIN GROUP (ORDER BY parity_delta_bps))::text)
        FROM ({last_shadows(question)}) AS one"""


def spread_log(logs, question):
    told = sums.parity(logs["lean_execution_shadow_events"], question.stretch)
    return named("spread.", {name: told[name] for name in ("judged", "average_bps", "p05_bps", "p50_bps", "p95_bps")})


def slippage_sql(question):
    names = ", ".join(
        f"'{adapter}_{name}_bps', (percentile_disc({part}) WITHIN GROUP (ORDER BY c.slippage_bps)"
        f" FILTER (WHERE c.execution_adapter = '{adapter}'))::text"
        for adapter in ("lean", "alpaca") for name, part in (("p50", 0.5), ("p95", 0.95)))
    return f"""
        SELECT json_build_object({names}, 'lean_orders', count(*) FILTER (WHERE c.execution_adapter = 'lean'),
            'alpaca_orders', count(*) FILTER (WHERE c.execution_adapter = 'alpaca'))
        FROM executions AS e JOIN execution_tca_metrics AS c USING (alpaca_account_label, client_order_id, symbol)
        WHERE c.slippage_bps IS NOT NULL AND {question.stretch.sql("e.created_at")}"""


def slippage_log(logs, question):
    return named("slippage.", sums.slippage(logs["executions"], question.stretch))


VERDICT = {"verdict_observed": "observed", "verdict_threshold": "threshold", "verdict_sample": "sample",
           "verdict_pending": "pending_total"}


def verdicts_sql(_):
    return """
        SELECT json_agg(json_build_object('event_id', event_id, 'observed', observed::text, 'threshold', threshold::text,
            'sample', sample, 'pending_total', pending_total)) FROM lean_canary_verdicts"""


def verdicts_facts(_, said, __):
    return {(row["event_id"], name): row[column] for row in said or [] for name, column in VERDICT.items()}


def verdicts_log(logs, _):
    return {(event["event_id"], name): event["payload"].get(column)
            for event in logs["lean_canary_verdicts"].events(CANARY)
            if event["event_type"] == "canary.verdict_reached" for name, column in VERDICT.items()}


def incidents_sql(_):
    return """
        SELECT json_agg(json_build_object('id', id, 'observed', observed::text, 'threshold', threshold::text))
        FROM lean_canary_incidents"""


def incidents_facts(_, said, __):
    return {(row["id"], f"incident_{name}"): row[name] for row in said or [] for name in ("observed", "threshold")}


def incidents_log(logs, _):
    return {(row_id("lean_canary_incidents", "", key), f"incident_{name}"): row.get(name)
            for key, row in logs["lean_canary_incidents"].incidents().items() for name in ("observed", "threshold")}


LIMIT = {"limit_observed": "observed", "limit_threshold": "threshold", "limit_sample": "sample"}


def limits_sql(question):
    seen = question.places[""].vector[CANARY][0]
    return f"""
        SELECT json_agg(one) FROM (
            SELECT DISTINCT ON (breach_type) breach_type, observed::text, threshold::text, sample
            FROM lean_canary_verdicts WHERE log_offset < {seen} AND is_closed IS NOT TRUE
            ORDER BY breach_type, log_offset DESC) AS one"""


def limits_facts(_, said, __):
    return {(row["breach_type"], name): row[column] for row in said or [] for name, column in LIMIT.items()}


def limits_log(logs, _):
    return {(key, name): row.get(column) for key, row in logs[""].verdicts().items() for name, column in LIMIT.items()}


# -- Backtests

RUN = {"run_net_pnl": "net_pnl", "run_trades": "trade_count"}
RESULT = ("net_pnl", "gross_pnl", "total_cost", "cost_bps", "max_drawdown", "max_drawdown_ratio", "trade_count",
          "winning_trades", "fill_count", "turnover_notional", "time_in_market", "initial_cash", "final_equity")


def results_sql(_):
    return "SELECT json_agg(json_build_object('id', backtest_id, 'summary', result_json -> 'summary')) FROM lean_backtest_runs"


def results(found):
    """By key and name as both tables of the page have them."""
    facts = {}
    for key, summary in found:
        facts |= {(key, name): (summary or {}).get(column) for name, column in RUN.items()}
        facts |= {(key, f"result_{name}"): (summary or {}).get(name) for name in RESULT}
    return facts


def results_facts(_, said, __):
    return results((row["id"], row["summary"]) for row in said or [])


def results_log(logs, _):
    rows = logs["lean_backtest_runs"].backtests()
    return results((key, (row.get("result_json") or {}).get("summary")) for key, row in rows.items())


def scope_sql(question):
    seen = question.places[""].vector[CANARY][0]
    return f"""
        SELECT json_build_object('minimum_sample', minimum_sample,
            'window_seconds', (details_json::json -> 'terms' ->> 'window_us')::bigint / 1000000)
        FROM lean_canary_verdicts WHERE log_offset < {seen} ORDER BY log_offset DESC LIMIT 1"""


def scope_log(logs, _):
    last = [event["payload"] for event in logs[""].events(CONTROL) if event["event_type"] == "control.canary_evaluated"][-1]
    return named("scope.", {"minimum_sample": last["terms"]["minimum_sample"],
                            "window_seconds": int(last["terms"]["window_us"]) // 1_000_000})


GATE_RULES = [
    Rule("/trading/lean/canary", r"scope\..*", scope_sql, lambda _, said, __: named("scope.", said), scope_log),
    Rule("/trading/lean/backtests(/[0-9a-f]+)?", "run_(net_pnl|trades)|result_.*", results_sql, results_facts, results_log),
    Rule("/trading/lean/share", r"share\..*", share_sql, lambda _, said, __: named("share.", said), share_log),
    Rule("/trading/lean/canary/limits", r"fallback\..*", fallback_sql,
         lambda _, said, __: named("fallback.", said), fallback_log),
    Rule("/trading/lean/shadow/drift", r"drift\..*", drift_sql, lambda _, said, __: named("drift.", said), drift_log),
    Rule("/trading/lean/shadow/distribution", r"spread\.(?!limit_bps).*", spread_sql,
         lambda _, said, __: named("spread.", said), spread_log),
    Rule("/trading/lean/slippage", r"slippage\..*", slippage_sql,
         lambda _, said, __: named("slippage.", said), slippage_log),
    Rule("/trading/lean/canary/verdicts", "|".join(VERDICT), verdicts_sql, verdicts_facts, verdicts_log),
    Rule("/trading/lean/canary/incidents", "incident_(observed|threshold)", incidents_sql, incidents_facts,
         incidents_log),
    Rule("/trading/lean/canary", "|".join(LIMIT), limits_sql, limits_facts, limits_log),
]
