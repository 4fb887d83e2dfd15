"""Whether LEAN may be let further in: shares, parity, costs beside Alpaca's, and the canary."""
from boards import notes
from panels import Panel, Query, Rows, Section, graph, shares, stat, table

FILE = "lean-rollout-gate.json"
UID = "torghut-lean-rollout"
TITLE = "LEAN Rollout Gate"
ABOUT = "Adapter shares, parity, cost drift between adapters, the canary's limits, its scope and its incidents."
VARIABLES = [
    ("job", "Job", "label_values(torghut_role_state, job)"),
    ("instance", "Instance", 'label_values(torghut_role_state{job=~"$job"}, instance)'),
]
ANNOTATIONS = [
    notes.rows("Incidents opened", "SELECT created_at AS time, 'opened: ' || incident_key AS text, breach_type AS tags "
               "FROM lean_canary_incidents WHERE $__timeFilter(created_at) ORDER BY created_at", "red"),
    notes.rows("Incidents resolved", "SELECT resolved_at AS time, 'resolved: ' || incident_key AS text, resolution AS tags "
               "FROM lean_canary_incidents WHERE $__timeFilter(resolved_at) ORDER BY resolved_at", "green"),
    notes.rows("Rollout steps", "SELECT created_at AS time, phase || ' by ' || actor || ': ' || reason AS text, "
               "rollout_id AS tags FROM lean_rollout_steps WHERE $__timeFilter(created_at) ORDER BY created_at", "blue"),
]
ANNOTATION_FAULTS = {"Incidents opened": "the canary is broken", "Incidents resolved": "an incident was resolved",
                     "Rollout steps": "no fault: an operator takes a step"}
OF = 'job=~"$job", instance=~"$instance"'
# Its Service's name, on Kubernetes.
RUNNER = 'job=~"(torghut-)?lean-runner"'
LEAN = "torghut_trading_lean"
BAD = [(None, "green"), (1, "red")]

# Costs are exact in the read models, by the order; a counter of them would be neither.
SHORTFALL = """SELECT date_trunc('minute', computed_at) AS time, execution_adapter AS metric,
  sum(shortfall_notional) / nullif(sum(arrival_notional), 0) * 10000 AS value
FROM execution_tca_metrics WHERE $__timeFilter(computed_at) AND shortfall_notional IS NOT NULL
GROUP BY 1, 2 ORDER BY 1"""
SLIPPAGE = """SELECT date_trunc('minute', computed_at) AS time, execution_adapter AS metric,
  percentile_disc(0.95) WITHIN GROUP (ORDER BY slippage_bps) AS value
FROM execution_tca_metrics WHERE $__timeFilter(computed_at) AND slippage_bps IS NOT NULL
GROUP BY 1, 2 ORDER BY 1"""
COSTS = """SELECT execution_adapter AS adapter, count(*) AS orders,
  round(sum(shortfall_notional) / nullif(sum(arrival_notional), 0) * 10000, 4) AS shortfall_bps,
  percentile_disc(0.95) WITHIN GROUP (ORDER BY slippage_bps) AS slippage_p95_bps,
  sum(arrival_notional) AS notional
FROM execution_tca_metrics WHERE $__timeFilter(computed_at) AND shortfall_notional IS NOT NULL
GROUP BY 1 ORDER BY 1"""
SCOPE = """SELECT DISTINCT ON (breach_type) breach_type, verdict, trading_mode, dry_run, observed, threshold, sample,
  details_json ->> 'symbols' AS symbols, details_json -> 'terms' ->> 'symbols' AS scope_symbols,
  details_json -> 'terms' ->> 'accounts' AS scope_accounts, details_json -> 'terms' ->> 'crypto_only' AS crypto_only
FROM lean_canary_verdicts WHERE $__timeFilter(created_at) ORDER BY breach_type, log_offset DESC"""
INCIDENTS = """SELECT created_at, incident_key, status, severity, rollback_triggered, observed, threshold, resolved_at,
  resolved_by, resolution_reason
FROM lean_canary_incidents WHERE $__timeFilter(created_at) ORDER BY created_at DESC LIMIT 50"""
STEPS = """SELECT created_at, rollout_id, phase, scope_symbols, scope_accounts, scope_share, stop_condition,
  rollback_trigger, actor, reason
FROM lean_rollout_steps WHERE $__timeFilter(created_at) ORDER BY log_offset DESC LIMIT 50"""


def rise(name, by, more="", window="$__rate_interval"):
    return f"sum by ({by}) (increase({name}{{{OF}{more}}}[{window}]))"


SECTIONS = [
    Section("The gate", [
        stat("Open incidents", "Incidents of the canary that are open.",
             Query(f"sum({LEAN}_canary_incident_open{{{OF}}}) or vector(0)"), steps=BAD),
        stat("Order ids diverged", "Strategies whose order ids differ between the routes: a critical mismatch.",
             Query(f"max(torghut_trading_order_ids_diverged{{{OF}}})"), steps=BAD),
        stat("Breaker", "Whether LEAN is sent orders.",
             Query(f'max(torghut_trading_breaker_state{{{OF}, adapter="lean", state="open"}})'),
             words={"0": ("closed", "green"), "1": ("open", "red")}),
        stat("Healthy", "Whether LEAN answered well when it was asked last.",
             Query(f'min(torghut_trading_adapter_healthy{{{OF}, adapter="lean"}})'),
             words={"0": ("no", "red"), "1": ("yes", "green")}),
        stat("Rollback waits", "Orders by LEAN that the last hard rollback still waits for.",
             Query(f"max({LEAN}_canary_rollback_waiting{{{OF}}})"), steps=BAD),
        stat("Clock ahead", "How far the furthest clock of a partition is ahead; beyond 60 s it is not judged.",
             Query(f"max({LEAN}_canary_clock_ahead_seconds{{{OF}}})"), unit="s", steps=[(None, "green"), (60, "red")]),
    ]),
    Section("Shares", [
        shares("Adapters", "Attempts that were prepared, by adapter, as shares of all.",
               Query(f"sum by (adapter) (increase(execution_requests_total{{{OF}}}[$__rate_interval])) / ignoring (adapter) "
                     f"group_left () sum(increase(execution_requests_total{{{OF}}}[$__rate_interval]))", "{{adapter}}"),
               unit="percentunit", maximum=1),
        graph("Fallbacks by reason", "Orders that went to the other adapter, and why.",
              Query(rise("execution_fallback_reason_total", "reason"), "{{reason}}", "LEAN fails")),
        graph("Fallback ratio", "Of LEAN's orders in 15 minutes.",
              Query(f'(sum(increase(execution_fallback_total{{{OF}, from="lean"}}[15m])) or vector(0)) / '
                    f'clamp_min(sum(increase(execution_requests_total{{{OF}, adapter="lean"}}[15m])), 1)', "fell back"),
              unit="percentunit"),
    ]),
    Section("Parity", [
        shares("Shadows by status", "What was judged of each live order's simulation.",
               Query(rise(f"{LEAN}_shadow_parity_total", "status"), "{{status}}")),
        graph("Drift", "Share of the judged shadows that drift, in an hour.",
              Query(f'(sum(increase({LEAN}_shadow_parity_total{{{OF}, status="drift"}}[1h])) or vector(0)) / '
                    f'clamp_min(sum(increase({LEAN}_shadow_parity_total{{{OF}, status=~"pass|drift"}}[1h])), 1)', "drift"),
              unit="percentunit"),
        graph("Failures of shadows", "What was wrong with outcomes of the shadow lane.",
              Query(rise(f"{LEAN}_shadow_failure_total", "taxonomy"), "{{taxonomy}}", "a shadow fails")),
    ]),
    Section("Costs beside Alpaca's (read models)", [
        graph("Shortfall", "All that was lost against the price at decision, of all that was bought and sold.",
              Rows(SHORTFALL, series=True), unit="none", minimum=None, width=8),
        graph("Slippage, 95th percentile", "Of orders by minute, in basis points.",
              Rows(SLIPPAGE, series=True), unit="none", minimum=None, width=8),
        table("By adapter", "The same over the whole time that is shown.", Rows(COSTS), width=8),
    ]),
    Section("The canary", [
        graph("Measured and limit", "What is judged, as it is limited; NaN while the sample is too small.",
              Query(f"max by (breach_type) ({LEAN}_canary_ratio{{{OF}}})", "{{breach_type}}"),
              Query(f"max by (breach_type) ({LEAN}_canary_limit{{{OF}}})", "limit of {{breach_type}}")),
        graph("Sample", "Of how many it was measured.",
              Query(f"max by (breach_type) ({LEAN}_canary_sample{{{OF}}})", "{{breach_type}}")),
        Panel("state-timeline", "Verdicts", "What the gate said last of each limit.",
              [Query(f'max by (breach_type) ({LEAN}_canary_verdict{{{OF}, verdict="{word}"}} == 1) * {number}',
                     "{{breach_type}}", fault)
               for number, (word, fault) in enumerate([("pass", ""), ("inconclusive", "the sample is small"),
                                                      ("breach", "a limit is broken")])],
              words={"0": ("pass", "green"), "1": ("inconclusive", "yellow"), "2": ("breach", "red")}),
        graph("Incidents", "Incidents that the canary opened.",
              Query(rise(f"{LEAN}_canary_breach_total", "breach_type", window="1h"), "{{breach_type}}",
                    "the canary is broken")),
        table("Scope and last verdicts", "What was judged last of each limit, and whose orders it counts.", Rows(SCOPE),
              width=16),
        table("Incident markers", "Incidents of the time that is shown.", Rows(INCIDENTS, fault="the canary is broken"),
              width=12),
        table("Rollout steps", "Who let LEAN how far in, and why.",
              Rows(STEPS, fault="no fault: an operator takes a step"), width=12),
    ]),
    Section("LEAN itself", [
        graph("Answers, 95th percentile", "How long LEAN took, by operation.",
              Query(f"histogram_quantile(0.95, sum by (le, operation) "
                    f"(rate({LEAN}_latency_seconds_bucket{{{OF}}}[$__rate_interval])))", "{{operation}}"), unit="s"),
        graph("Failures by taxonomy", "Requests that LEAN did not do.",
              Query(rise(f"{LEAN}_failure_taxonomy_total", "operation, taxonomy"), "{{operation}}: {{taxonomy}}",
                    "LEAN fails")),
        graph("The runner", "Orders that were sent and of which nothing is proved, and keys on their way.",
              Query(f"torghut_lean_runner_unresolved_orders{{{RUNNER}}}", "unresolved"),
              Query(f"torghut_lean_runner_in_flight_keys{{{RUNNER}}}", "in flight")),
        graph("Lanes that wait", "Questions of the lanes that wait to be asked.",
              Query(f"sum by (lane) ({LEAN}_lane_waiting{{{OF}}})", "{{lane}}")),
        graph("Backtests", "Backtests that ended, by how.",
              Query(rise(f"{LEAN}_backtest_total", "status"), "{{status}}")),
        graph("Requests", "What was asked of LEAN.",
              Query(f"sum by (operation) (rate({LEAN}_request_total{{{OF}}}[$__rate_interval]))", "{{operation}}"),
              unit="ops"),
    ]),
]
