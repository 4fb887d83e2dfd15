"""Whether the control plane is healthy, or only partly alive."""
from boards import notes
from panels import Panel, Query, Section, graph, stat, table

FILE = "jangar-control-plane.json"
UID = "torghut-control-plane"
TITLE = "Jangar Control Plane"
ABOUT = "Can we continue safely? Leaders, roles by lane, runs, queues and how long the loops take."
VARIABLES = [
    ("job", "Job", "label_values(torghut_role_state, job)"),
    ("instance", "Instance", 'label_values(torghut_role_state{job=~"$job"}, instance)'),
    ("role", "Role", 'label_values(torghut_role_state{job=~"$job"}, role)'),
]
ANNOTATIONS = [notes.firing("Pages", ".*", "red")]
ANNOTATION_FAULTS = {"Pages": "any alert fires"}
OF = 'job=~"$job", instance=~"$instance"'
YES = {"0": ("no", "red"), "1": ("yes", "green")}
WELL = {"disabled": ("disabled", "text"), "follower": ("follower", "blue"), "running": ("running", "green"),
        "leader_starting": ("starting", "yellow"), "leader_not_started": ("not started", "orange"),
        "degraded": ("degraded", "red"), "unknown": ("unknown", "purple")}
BAD = [(None, "green"), (1, "red")]
LATENCY = "jangar_reconcile_duration_seconds"

SECTIONS = [
    Section("Can we continue", [
        stat("Well", "1 when nothing of the whole system is degraded, as each process that serves the API judges.",
             Query(f"min(torghut_system_well{{{OF}}})"), words=YES),
        stat("Reasons to stop", "Reasons against going on, as `torghut status` names them.",
             Query(f"sum(max by (what) (torghut_safety_reasons{{{OF}}}))"), steps=BAD),
        stat("Faults", "Parts of the system that are degraded or unknown.",
             Query(f"sum(max by (kind, part) (torghut_system_faults{{{OF}}}))"), steps=BAD),
        stat("Scraped", "Share of our processes whose metrics are answered now.",
             Query('avg(up{job=~"torghut(-.*)?|lean-runner"})'), unit="percentunit",
             steps=[(None, "red"), (1, "green")]),
        stat("Policies", "Policies by which processes judge: more than one means that their environments differ.",
             Query(f"max(torghut_system_policies{{{OF}}})"), steps=[(None, "green"), (2, "red")]),
        stat("Market", "Whether the regular session of the US exchanges is open.",
             Query(f"max(torghut_market_session_open{{{OF}}})"), words={"0": ("closed", "text"), "1": ("open", "green")}),
        table("Alerts", "What fires now.",
              Query('ALERTS{system="torghut", alertstate="firing"}', fault="any alert fires", instant=True), width=12),
        Panel("bargauge", "Reasons by kind", "Each is named with what to do by `torghut status`.",
              [Query(f"max by (what) (torghut_safety_reasons{{{OF}}})", "{{what}}")], width=12, steps=BAD, minimum=0),
    ]),
    Section("Leaders and roles", [
        table("Leaders", "The process that leads in each role: host, number and when it started.",
              Query(f"torghut_system_leader{{{OF}, role=~\"$role\"}} == 1", instant=True), width=8),
        Panel("state-timeline", "Roles of the system", "Each role over all processes, as its worst one that should run.",
              [Query(f"max by (role) (torghut_system_role_state{{{OF}, role=~\"$role\", state=\"{state}\"}} == 1) * {n}",
                     "{{role}}", "" if state in ("running", "disabled") else f"a role is {state}")
               for n, state in enumerate(WELL)],
              width=16, words={str(n): word for n, word in enumerate(WELL.values())}),
        graph("Faults by part", "What is wrong with each part of the system, as it is judged.",
              Query(f"max by (kind, part) (torghut_system_faults{{{OF}}})", "{{kind}} {{part}}")),
        graph("Leaders that changed", "Processes that began or ceased to lead a role.",
              Query(f"sum by (role, to) (increase(jangar_leader_changes_total{{{OF}, role=~\"$role\"}}[$__rate_interval]))",
                    "{{role}} to {{to}}")),
        graph("Behind the log", "How old the last record is that a role has read where it is behind.",
              Query(f"max by (role) (torghut_role_lag_seconds{{{OF}, role=~\"$role\"}})", "{{role}}"), unit="s"),
        graph("Failures that repeat", "A role that fails for the same cause without getting on in between.",
              Query(f"sum by (role, cause) (increase(torghut_role_failures_repeated_total{{{OF}}}[$__rate_interval]))",
                    "{{role}}: {{cause}}", "a role fails twice for one cause")),
        graph("Failures", "What roles failed for and tried again.",
              Query(f"sum by (role, cause) (increase(torghut_role_failures_total{{{OF}}}[$__rate_interval]))",
                    "{{role}}: {{cause}}", "a role fails")),
        graph("Since the last progress", "Time since each role last got on.",
              Query(f"time() - max by (role) (torghut_role_last_progress_seconds{{{OF}, role=~\"$role\"}} > 0)",
                    "{{role}}"), unit="s"),
    ]),
    Section("Runs, queues and loops", [
        graph("Runs", "Backtests, rounds of the reconciler and roles that ended, by outcome.",
              Query(f"sum by (kind, outcome) (rate(jangar_agent_run_outcomes_total{{{OF}}}[$__rate_interval]))",
                    "{{kind}}: {{outcome}}"), unit="ops"),
        graph("Share of runs that failed", "Of all runs that ended in an hour.",
              Query(f'(sum(increase(jangar_agent_run_outcomes_total{{{OF}, outcome=~"failed|partial"}}[1h])) or vector(0))'
                    f" / clamp_min(sum(increase(jangar_agent_run_outcomes_total{{{OF}}}[1h])), 1)", "failed"),
              unit="percentunit", maximum=1),
        graph("Queues", "What waits now.",
              Query(f"sum by (queue) (jangar_agents_queue_depth{{{OF}}})", "{{queue}}")),
        Panel("heatmap", "Turns of the loops", "How long one turn of a loop took, over all loops.",
              [Query(f"sum by (le) (increase({LATENCY}_bucket{{{OF}}}[$__rate_interval]))", "{{le}}", heatmap=True)]),
        graph("Turns, 95th percentile", "The SLO is below 5 s.",
              Query(f"histogram_quantile(0.95, sum by (le, kind) (rate({LATENCY}_bucket{{{OF}}}[$__rate_interval])))",
                    "{{kind}}"), unit="s", steps=[(None, "green"), (5, "red")]),
        graph("Sent away", "Work that was refused for being too much.",
              Query(f"sum by (scope) (increase(jangar_agents_rate_limit_rejections_total{{{OF}}}[$__rate_interval]))",
                    "{{scope}}")),
    ]),
    Section("API and metrics", [
        graph("Requests", "Answers of the API by status.",
              Query(f"sum by (status) (rate(torghut_http_requests_total{{{OF}}}[$__rate_interval]))", "{{status}}"),
              unit="reqps"),
        graph("Answers, 95th percentile", "From a whole request to its answer, by route.",
              Query(f"histogram_quantile(0.95, sum by (le, route) "
                    f"(rate(torghut_http_request_duration_seconds_bucket{{{OF}}}[$__rate_interval])))", "{{route}}"),
              unit="s"),
        graph("Error budgets", "Share of failed requests (SLO 0.1 %) and failed scrapes (SLO 0.5 %) in an hour.",
              Query("torghut:api_errors:ratio_increase1h", "requests"),
              Query("torghut:scrapes_failed:ratio1h", "scrapes"), unit="percentunit"),
        graph("Scrapes", "How long Prometheus waits for the metrics of a process.",
              Query(f"scrape_duration_seconds{{{OF}}}", "{{instance}}"), unit="s"),
        graph("Memory", "What the processes have in use.",
              Query('process_resident_memory_bytes{job=~"torghut(-.*)?|lean-runner"}', "{{job}} {{instance}}"),
              unit="bytes"),
        graph("Processor", "Cores that the processes use.",
              Query('rate(process_cpu_seconds_total{job=~"torghut(-.*)?|lean-runner"}[$__rate_interval])',
                    "{{job}} {{instance}}"), unit="none"),
    ]),
]
