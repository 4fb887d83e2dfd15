"""What each figure of a page must be: by SQL of our own, and by a fold of the log of our own.

A rule is about the figures of one question (`data-read`). Its facts are keyed as the page keys them: (key of the row,
name of the figure). Those of LEAN's gate and of backtests are in gate_rules.
"""

from collections import Counter, defaultdict

import sums
from folds import CANARY, CONTROL, ORDERS, Log, instant, nanos, row_id
from gate_rules import GATE_RULES
from rule import Rule, named

HEARTBEATS = "torghut.heartbeats.v1"


# -- Overview

def activity_sql(question):
    bounds = question.stretch.sql()
    return f"""
        SELECT json_build_object(
            'decisions', (SELECT count(*) FROM trade_decisions WHERE {bounds}),
            'orders', count(*), 'lean', count(*) FILTER (WHERE execution_actual_adapter = 'lean'),
            'alpaca', count(*) FILTER (WHERE execution_actual_adapter = 'alpaca'),
            'fallbacks', coalesce(sum(execution_fallback_count), 0), 'fills', coalesce(sum(execution_count), 0))
        FROM executions WHERE {bounds}"""


def activity_log(logs, question):
    orders = question.stretch.of(logs["executions"].orders().values())
    share = sums.share(logs["executions"], question.stretch)
    return named("activity.", {
        "decisions": sums.decisions(logs["trade_decisions"], question.stretch)["decisions"], "orders": share["orders"],
        "lean": share["by_lean"], "alpaca": share["by_alpaca"],
        "fallbacks": sum(int(row["execution_fallback_count"]) for row in orders),
        "fills": sum(int(row["execution_count"]) for row in orders)})


def folded_sql(_):
    """What is parked, and how far each read model is: the log's ends are not the database's to say."""
    return """
        SELECT json_object_agg(projection, vectors) FROM (
            SELECT v.projection, json_agg(c.vector) AS vectors
            FROM projection_versions AS v JOIN projection_checkpoints AS c USING (projection, version)
            WHERE v.state = 'serving' GROUP BY v.projection) AS one"""


def folded_facts(rig, said, _):
    """Records that lie before each read model: the ends of the log, less what its partitions have folded."""
    ends = rig.ends()
    found = {}
    for projection, vectors in said.items():
        behind = 0
        for vector in vectors:
            for place, at in vector.items():
                topic, partition = place.split("/")
                behind += ends[topic].get(int(partition), 0) - int(at["next"])
        found[(projection, "lag")] = behind
    return found


def held_sql(question):
    return f"""
        SELECT json_agg(one) FROM (
            SELECT v.projection, count(held.state) FILTER (WHERE state = 'parked') AS parked,
                count(held.state) FILTER (WHERE state = 'deferred') AS deferred
            FROM (SELECT projection FROM projection_versions WHERE state = 'serving') AS v
            LEFT JOIN ({held(question)}) AS held USING (projection) GROUP BY 1) AS one"""


def held_facts(_, said, __):
    return {(row["projection"], name): row[name] for row in said or [] for name in ("parked", "deferred")}


def held_log(logs, question):
    """By the log alone: what was parked by each read model and not decided since."""
    names = question.rig.rows("SELECT projection FROM projection_versions WHERE state = 'serving'")
    count = Counter(place[0] for place, row in Log(question.rig, {}, whole=True).parked().items()
                    if row["status"] == "parked")
    return {(row["projection"], "parked"): count[row["projection"]] for row in names}


# -- Orders

COST_COLUMNS = ("arrival_price", "slippage_bps", "shortfall_notional", "shortfall_bps")
ORDER_COLUMNS = ("submitted_qty", "filled_qty", "avg_fill_price", "execution_fallback_count", "execution_count",
                 *COST_COLUMNS)


def orders_sql(_):
    columns = ", ".join(f"'{name}', {'c' if name in COST_COLUMNS else 'e'}.{name}::text" for name in ORDER_COLUMNS)
    return f"""
        SELECT json_agg(json_build_object('id', e.id, {columns}))
        FROM executions AS e LEFT JOIN execution_tca_metrics AS c USING (alpaca_account_label, client_order_id, symbol)"""


def orders_facts(_, said, question):
    found = {(row["id"], name): row[name] for row in said or [] for name in ORDER_COLUMNS}
    return found | {("", "orders.rows"): min(len(said or []), int(question.query["limit"]))}


def orders_log(logs, question):
    rows = logs["executions"].orders()
    found = {(row_id("executions", row["account"], f"{client}\n{row['symbol']}"), name): row.get(name)
             for client, row in rows.items() for name in ORDER_COLUMNS}
    return found | {("", "orders.rows"): min(len(rows), int(question.query["limit"]))}


# -- An order's story

def attempts_sql(question):
    return f"""
        SELECT json_agg(json_build_object('id', attempt_id, 'attempt', attempt, 'latency_us', latency_us))
        FROM route_attempts WHERE client_order_id = '{question.path.rsplit("/", 1)[1]}'"""


def attempts_facts(_, said, __):
    return {(row["id"], name): row[name] for row in said or [] for name in ("attempt", "latency_us")}


def attempts_log(logs, _):
    return {(key, name): row.get(name) for key, row in Log(logs[""].rig, {}, whole=True).attempts().items()
            for name in ("attempt", "latency_us")}


def fills_sql(question):
    return f"""
        SELECT json_agg(json_build_object('at', '{ORDERS}/' || log_partition || '/' || log_offset,
            'fill_qty', fill_qty::text, 'fill_price', fill_price::text)) FROM execution_order_events
        WHERE client_order_id = '{question.path.rsplit("/", 1)[1]}' AND classification = 'applied'"""


def fills_facts(_, said, __):
    return {(row["at"], name): row[name] for row in said or [] for name in ("fill_qty", "fill_price")}


def fills_log(logs, _):
    return {("/".join(map(str, event["at"])), name): event["payload"].get(name)
            for event in logs[""].rig.events(ORDERS) for name in ("fill_qty", "fill_price")}


class Steps(dict):
    """How long after another record each one was taken in: a step is named by the places of both."""

    def __init__(self, rig):
        super().__init__()
        self.rig = rig
        self.moments = {}

    def moment(self, place):
        topic = place.split("/")[0]
        if topic not in self.moments:
            self.moments[topic] = {"/".join(map(str, event["at"])): nanos(event.get("ingest_ts") or event["event_ts"])
                                   for event in self.rig.events(topic)}
        return self.moments[topic].get(place)

    def get(self, step, other=None):
        ends = [self.moment(place) for place in step[0].split(" after ")]
        if len(ends) != 2 or None in ends:
            return other
        apart = ends[0] - ends[1]
        return str(abs(apart) // 1000 * (1 if apart >= 0 else -1))


# -- Decision safety

def decisions_sql(question):
    bounds = question.stretch.sql()
    return f"""
        SELECT json_build_object('sums', (
            SELECT json_build_object('total', count(*), 'accepted', count(*) FILTER (WHERE status_rank >= 3),
                'rejected', count(*) FILTER (WHERE status_rank = 2), 'blocked', count(*) FILTER (WHERE status_rank = 1),
                'unanswered', count(*) FILTER (WHERE status_rank = 0), 'conflicted', count(conflicted_at))
            FROM trade_decisions WHERE {bounds}),
        'reasons', (
            SELECT json_agg(one) FROM (
                SELECT CASE status_rank WHEN 1 THEN 'blocked' ELSE 'rejected' END AS verdict, reason, count(*) AS decisions
                FROM trade_decisions, json_array_elements_text(reject_reasons::json) AS reason
                WHERE status_rank IN (1, 2) AND {bounds} GROUP BY 1, 2) AS one))"""


def decisions_facts(_, said, __):
    found = named("decisions.", said["sums"])
    for row in said["reasons"] or []:
        found[(f"{row['verdict']}/{row['reason']}", "reason.decisions")] = row["decisions"]
    return found


def decisions_log(logs, question):
    told = sums.decisions(logs["trade_decisions"], question.stretch)
    found = named("decisions.", {"total": told.pop("decisions"), **told})
    for (verdict, reason), count in sums.reasons(logs["trade_decisions"], question.stretch).items():
        found[(f"{verdict}/{reason}", "reason.decisions")] = count
    return found


def delays_sql(question):
    return f"""
        WITH one AS (
            SELECT (extract(epoch FROM (submitted_at - decision_event_ts)) * 1000000)::bigint AS delay FROM trade_decisions
            WHERE {question.stretch.sql()})
        SELECT json_build_object('count', count(delay), 'max', max(delay),
            'p50', percentile_disc(0.5) WITHIN GROUP (ORDER BY delay),
            'p95', percentile_disc(0.95) WITHIN GROUP (ORDER BY delay),
            'p99', percentile_disc(0.99) WITHIN GROUP (ORDER BY delay)) FROM one"""


def delays_log(logs, question):
    delays = sums.send_delays(logs["trade_decisions"], question.stretch)
    found = {"count": len(delays), "max": max(delays, default=None)}
    found |= {name: sums.nearest_rank(part, delays) for name, part in sums.PARTS.items()}
    return named("latency.", found, "send_delay")


def held(question):
    """Everything that any read model holds back, with who does."""
    names = question.rig.rows(
        "SELECT projection FROM projection_versions WHERE state = 'serving'"
        " AND to_regclass(projection || '_parked') IS NOT NULL")
    return " UNION ALL ".join(
        f"SELECT '{row['projection']}' AS projection, source_topic, source_partition, source_offset, state"
        f" FROM {row['projection']}_parked" for row in names)


def waiting_sql(question):
    return f"""
        WITH held AS ({held(question)})
        SELECT json_build_object('records', (SELECT count(DISTINCT (source_topic, source_partition, source_offset))
            FROM held WHERE state = 'parked'), 'behind', (SELECT count(*) FROM held WHERE state = 'deferred'))"""


def waiting_log(logs, _):
    parked = [place for place, row in logs["quarantine"].parked().items() if row["status"] == "parked"]
    return {("", "quarantine.records"): len({place[2:] for place in parked})}


def discrepancies_log(logs, _):
    rows = logs["discrepancies"].discrepancies().values()
    states = [row["status"] for row in rows]
    return named("discrepancies.", {"open": states.count("open"), "resolved": states.count("resolved")})


def strategies_log(logs, _):
    words = {name: event for (kind, name), event in logs["strategies"].control().items()
             if kind.startswith("control.strategy_")}
    latest = {}
    for event in logs["strategies"].events("torghut.control.v1"):
        if event["event_type"].startswith("control.strategy_"):
            latest[event["payload"]["strategy_id"]] = event["event_type"]
    enabled = list(latest.values()).count("control.strategy_enabled")
    return named("strategies.", {"enabled": enabled, "disabled": len(latest) - enabled}) if words else {}


# -- Control plane

def topics_sql(_):
    """What the read models' role has read, topic by topic: the furthest of its readers, as checkpoints have it."""
    return folded_sql(_)


def topics_facts(rig, said, _):
    nexts = defaultdict(dict)
    for vectors in said.values():
        for vector in vectors:
            for place, at in vector.items():
                topic, partition = place.split("/")
                nexts[topic].setdefault(int(partition), []).append(int(at["next"]))
    found, ends = {}, rig.ends()
    for topic, places in nexts.items():
        key = f"projections {topic}"
        found[(key, "topic.partitions")] = len(places)
        found[(key, "topic.lag")] = sum(ends[topic].get(one, 0) - min(at) for one, at in places.items())
    return found


def partitions_facts(rig, said, _):
    """Each partition that the read models read: where the last of them stands, and the log's end."""
    nexts, ends = defaultdict(list), rig.ends()
    for vectors in said.values():
        for vector in vectors:
            for place, at in vector.items():
                nexts[place].append(int(at["next"]))
    found = {}
    for topic, places in ends.items():
        # Of a partition without a record no checkpoint says anything.
        for partition, end in places.items():
            place = f"{topic}/{partition}"
            at = min(nexts.get(place, [0]))
            found |= {(place, "partition.position"): at, (place, "partition.end"): end,
                      (place, "partition.lag"): end - at}
    return found


def said_last(question):
    """What every role of every process had said last of itself at the moment that the page names."""
    last = {}
    for event in question.rig.events(HEARTBEATS):
        body = event["payload"]
        isearlier = not question.at or instant(event["event_ts"]) <= instant(question.at)
        if "progress" in body and "process" in body and isearlier:
            last[(body["process"], body["role"])] = body
    return last


def behind(place):
    return max(0, int(place.get("end_offset") or 0) - int(place["position"]))


def partitions_log(_, question):
    found = {}
    for (_, role), body in said_last(question).items():
        for place in body["progress"] if role == "projections" else []:
            key = f"{place['topic']}/{place['partition']}"
            found |= {(key, "partition.position"): place["position"], (key, "partition.end"): place.get("end_offset"),
                      (key, "partition.lag"): behind(place)}
    return found


def topics_log(_, question):
    found = defaultdict(int)
    for (_, role), body in said_last(question).items():
        for place in body["progress"]:
            key = f"{role} {place['topic']}"
            found[(key, "topic.partitions")] += 1
            found[(key, "topic.lag")] += behind(place)
    return dict(found)


def roles_log(_, question):
    return {(f"{role} {process}", "role.lag"): sum(map(behind, body["progress"]))
            for (process, role), body in said_last(question).items()}


RULES = GATE_RULES + [
    Rule("/trading/explain/.*", "attempt|latency_us", attempts_sql, attempts_facts, attempts_log, keys=".+"),
    Rule("/trading/explain/.*", "after_us", None, None, lambda logs, _: Steps(logs[""].rig), keys=".+ after .+"),
    Rule("/trading/explain/.*", "fill_qty|fill_price", fills_sql, fills_facts, fills_log),
    Rule("/trading/executions", "orders\\.rows|" + "|".join(ORDER_COLUMNS), orders_sql, orders_facts, orders_log),
    Rule("/trading/activity", r"activity\..*", activity_sql,
         lambda _, said, __: named("activity.", said), activity_log),
    Rule("/trading/projections", "lag", folded_sql, folded_facts),
    Rule("/trading/projections", "parked", held_sql, held_facts, held_log),
    Rule("/trading/projections", "deferred", held_sql, held_facts),
    Rule("/trading/decisions/summary", r"decisions\.(?!latest_at).*|reason\.decisions", decisions_sql,
         decisions_facts, decisions_log),
    Rule("/trading/decisions/summary", r"latency\.(count|p50|p95|p99|max)", delays_sql,
         lambda _, said, __: named("latency.", said, "send_delay"), delays_log, keys="send_delay"),
    Rule("/trading/quarantine/waiting", r"quarantine\.records", waiting_sql,
         lambda _, said, __: named("quarantine.", said), waiting_log),
    Rule("/trading/discrepancies/summary", r"discrepancies\.(open|resolved)",
         lambda _: "SELECT json_build_object('open', count(*) FILTER (WHERE status = 'open'),"
                   " 'resolved', count(*) FILTER (WHERE status = 'resolved')) FROM discrepancies",
         lambda _, said, __: named("discrepancies.", said), discrepancies_log),
    Rule("/trading/strategies", r"strategies\..*",
         lambda _: "SELECT json_build_object('enabled', count(*) FILTER (WHERE enabled),"
                   " 'disabled', count(*) FILTER (WHERE NOT enabled)) FROM strategies",
         lambda _, said, __: named("strategies.", said), strategies_log),
    Rule("/api/agents/control-plane/status", r"topic\.(partitions|lag)", topics_sql, topics_facts, topics_log,
         keys="projections .*"),
    # Gates go on writing while nobody trades: what they said is compared with the heartbeats alone.
    Rule("/api/agents/control-plane/status", r"partition\.(position|end|lag)", topics_sql, partitions_facts,
         partitions_log, keys=f"(?!{CONTROL}|{CANARY}).*"),
    Rule("/api/agents/control-plane/status", r"partition\.(position|end|lag)", None, None, partitions_log),
    Rule("/api/agents/control-plane/status", r"role\.lag", None, None, roles_log),
    Rule("/api/agents/control-plane/status", r"topic\.(partitions|lag)", None, None, topics_log,
         keys="(?!projections ).*"),
]
