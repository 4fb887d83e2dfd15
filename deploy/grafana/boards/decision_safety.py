"""Whether decisions, orders and what we know of them are safe."""
from boards import notes
from panels import Panel, Query, Section, Words, graph, shares, stat

FILE = "torghut-decision-safety.json"
UID = "torghut-decision-safety"
TITLE = "Torghut Decision Safety"
ABOUT = "Decisions and what was answered, stops, orders in doubt, the broker's stream and his books."
VARIABLES = [
    ("job", "Job", "label_values(torghut_role_state, job)"),
    ("instance", "Instance", 'label_values(torghut_role_state{job=~"$job"}, instance)'),
    ("partition", "Partition", 'label_values(torghut_execution_open_intents{job=~"$job"}, partition)'),
]
ANNOTATIONS = [notes.firing("Stops", "TorghutKillSwitchEngaged|TorghutEmergencyStopLatched", "red")]
ANNOTATION_FAULTS = {"Stops": "a stop is in force"}
OF = 'job=~"$job", instance=~"$instance"'
BAD = [(None, "green"), (1, "red")]
STOP = {"0": ("released", "green"), "1": ("engaged", "red")}

PENDING = """\
**Pending, because their sources are**: requests to the LLM by verdict and error, its circuit and its guardrails in shadow;
freshness of TA signals and microbars. Their panels and alerts come with the services that measure them, under the names
of the seed (`torghut_llm_*`, `torghut_clickhouse_guardrails_ta_*`): see `docs/alerts.md`.
"""


def lag(part):
    return f"rate(torghut_trading_decision_lag_seconds_{part}{{{OF}}}[$__rate_interval])"


SECTIONS = [
    Section("Stops", [
        stat("Kill switch", "Latch, environment or log: no order leaves while it is engaged.",
             Query(f'max(torghut_safety_reasons{{{OF}, what="kill_switch"}} > bool 0)'), words=STOP),
        stat("Emergency stop", "Latched by a gate, ended by a person.",
             Query(f'max(torghut_safety_reasons{{{OF}, what="emergency_stop"}} > bool 0)'), words=STOP),
        stat("In doubt", "Orders of which nobody knows what became.",
             Query(f'max(torghut_safety_reasons{{{OF}, what="in_doubt"}})'), steps=BAD),
        stat("Oldest in doubt", "For how long.",
             Query(f"max(torghut_execution_in_doubt_oldest_seconds{{{OF}}})"), unit="s",
             steps=[(None, "green"), (30, "yellow"), (120, "red")]),
        stat("Discrepancies", "Differences between our books and the broker's that are open.",
             Query(f"sum(torghut_discrepancies_open{{{OF}}})"), steps=BAD),
        stat("Unreadable", "Records of the log that nobody can read.",
             Query(f'max(torghut_safety_reasons{{{OF}, what="unreadable"}})'), steps=BAD),
        graph("Time to stop", "From the last trigger to the last submit after it; the budget is 2 s.",
              Query(f"max by (process) (torghut_trading_kill_stop_seconds{{{OF}}})", "{{process}}", "a stop was triggered"),
              unit="s"),
        graph("Stopped before the first byte", "Attempts that the last look before sending held back.",
              Query(f"sum by (reason) (increase(torghut_router_held_back_total{{{OF}}}[$__rate_interval]))",
                    "{{reason}}", "a router stops an attempt")),
        graph("Late sends that were refused", "Submits that the receiver refused because the sender was replaced.",
              Query(f"sum by (adapter) (increase(torghut_router_late_sends_refused_total{{{OF}}}[$__rate_interval]))",
                    "{{adapter}}", "a replaced router wakes up")),
    ]),
    Section("Decisions", [
        shares("Decisions by answer", "What decisions were answered.",
               Query(f"sum by (outcome) (rate(torghut_commands_decisions_total{{{OF}}}[$__rate_interval]))",
                     "{{outcome}}"), unit="ops"),
        graph("From decision to answer", "Until the answer is durable; late is above 10 s.",
              Query(f"histogram_quantile(0.5, sum by (le) ({lag('bucket')}))", "half"),
              Query(f"histogram_quantile(0.95, sum by (le) ({lag('bucket')}))", "95 %"),
              Query(f"histogram_quantile(0.99, sum by (le) ({lag('bucket')}))", "99 %"), unit="s"),
        graph("Market and decisions", "Decisions a minute while the session is open.",
              Query(f"max(torghut_market_session_open{{{OF}}})", "session open"),
              Query(f"60 * sum(rate(torghut_commands_decisions_total{{{OF}}}[$__rate_interval]))", "decisions a minute")),
        Words("Pending", PENDING, height=4),
    ]),
    Section("Orders", [
        shares("Attempts by adapter", "Attempts that were prepared.",
               Query(f"sum by (adapter) (rate(execution_requests_total{{{OF}}}[$__rate_interval]))", "{{adapter}}"),
               unit="ops"),
        graph("Open intents", "Intents that are not over, by partition.",
              Query(f"sum by (partition) (torghut_execution_open_intents{{{OF}, partition=~\"$partition\"}})",
                    "{{partition}}")),
        graph("In doubt and held", "Attempts of which nothing is proved, and intents that are held beyond the limit.",
              Query(f"sum(torghut_execution_in_doubt{{{OF}, partition=~\"$partition\"}})", "in doubt"),
              Query(f"sum(torghut_execution_hold_exceeded{{{OF}, partition=~\"$partition\"}})", "held too long")),
    ]),
    Section("The broker's books", [
        graph("Discrepancies by kind", "Open differences.",
              Query(f"sum by (kind) (torghut_discrepancies_open{{{OF}}})", "{{kind}}")),
        graph("Oldest discrepancy", "How long the oldest of a kind is open.",
              Query(f"max by (kind) (torghut_discrepancies_oldest_seconds{{{OF}}})", "{{kind}}"), unit="s"),
        graph("Since the last round", "How long ago the reconciler last compared the books.",
              Query(f"max(torghut_reconcile_lag_seconds{{{OF}}})", "lag"), unit="s"),
    ]),
    Section("The broker's stream", [
        Panel("state-timeline", "Gates of the stream", "Each gate that has to be open before the stream is ready.",
              [Query(f"max by (gate) (torghut_ws_readyz_gate_status{{{OF}}})", "{{gate}}")],
              words={"0": ("shut", "red"), "1": ("open", "green")}),
        graph("Updates", "Updates of orders that became durable, live or asked for.",
              Query(f"sum by (source) (rate(torghut_stream_updates_total{{{OF}}}[$__rate_interval]))", "{{source}}"),
              unit="ops"),
        graph("From the broker to us", "Age of updates at their arrival.",
              Query(f"histogram_quantile(0.95, sum by (le) (rate(torghut_ws_lag_seconds_bucket{{{OF}}}[$__rate_interval])))",
                    "95 %"), unit="s"),
        graph("Gaps", "Gaps that were closed from the broker's lists.",
              Query(f"sum(increase(torghut_stream_gaps_closed_total{{{OF}}}[$__rate_interval]))", "closed")),
        graph("Left by gaps", "What the lists could not tell, and the reconciler has to find.",
              Query(f"sum by (kind) (increase(torghut_stream_gap_left_total{{{OF}}}[$__rate_interval]))", "{{kind}}",
                    "a gap cannot be closed")),
        graph("Updates by class", "What updates were when they were read: applied, duplicate, out of order.",
              Query(f"sum by (classification) (rate(torghut_order_feed_updates_total{{{OF}}}[$__rate_interval]))",
                    "{{classification}}"), unit="ops"),
    ]),
    Section("ClickHouse beside us", [
        stat("Looked at", "1 while every replica answers every question.",
             Query(f"max(torghut_clickhouse_guardrails_last_scrape_success{{{OF}}})", "", "a process is told of a ClickHouse")),
        graph("Free disk", "Of each replica; below 15 % is a page.",
              Query(f"min by (replica) (torghut_clickhouse_guardrails_disk_free_ratio{{{OF}}})", "{{replica}}",
                    "a process is told of a ClickHouse"), unit="percentunit"),
        graph("Age of the newest row", "Of each table of events; of one that gets a record now and then it says little.",
              Query(f"time() - max by (table) (torghut_clickhouse_guardrails_table_max_event_ts_seconds{{{OF}}})",
                    "{{table}}", "a process is told of a ClickHouse"), unit="s"),
    ]),
]
