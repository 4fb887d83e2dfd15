"""How long orders were on each part of their way, folded from the exported events without any of Flink's means."""

import json
from collections import defaultdict
from datetime import datetime, timezone

MICROSECONDS = 1_000_000
WINDOW = 900 * MICROSECONDS


def micros(text):
    """Whole microseconds since 1970 of an RFC 3339 moment, rounded down."""
    head, _, rest = text.removesuffix("Z").partition(".")
    seconds = int(datetime.strptime(head, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc).timestamp())
    return seconds * MICROSECONDS + int(rest[:6].ljust(6, "0") or 0)


def events(folder, topic, *types):
    seen = set()
    for line in (folder / f"{topic}.jsonl").read_text().splitlines():
        event = json.loads(line)
        if event["event_type"] in types and event["event_id"] not in seen:
            seen.add(event["event_id"])
            yield event


def percentile(values, part):
    """Between the two nearest, as percentile_cont."""
    place = part * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def steps(folder):
    """Each step as (name, account, id, its moment): the earliest counts."""
    found = defaultdict(dict)

    def note(step, event, subject, moment):
        key = (event.get("account_label"), subject)
        if subject is not None and (key not in found[step] or moment < found[step][key]):
            found[step][key] = moment

    links = {"intent of": {}, "attempt of": {}, "order of": {}}
    for event in events(folder, "torghut.decisions.v1", "decision.recorded"):
        note("decided", event, event["payload"]["decision_hash"], micros(event["ingest_ts"]))
    for event in events(folder, "torghut.order-intents.v1", "intent.emitted"):
        payload, account = event["payload"], event["account_label"]
        note("intended", event, payload["intent_id"], micros(event["ingest_ts"]))
        links["intent of"].setdefault((account, payload["decision_hash"]), []).append(payload["intent_id"])
    route = ("route.attempt_prepared", "route.attempt_sent", "route.attempt_accepted", "route.attempt_resolved")
    for event in events(folder, "torghut.route.v1", *route):
        payload, account, moment = event["payload"], event["account_label"], micros(event["ingest_ts"])
        kind = event["event_type"]
        if kind == "route.attempt_prepared" and payload["operation"] == "submit":
            note("prepared", event, payload["attempt_id"], moment)
            if payload["attempt"] == 1:
                links["attempt of"].setdefault((account, payload["intent_id"]), []).append(payload["attempt_id"])
        elif kind == "route.attempt_sent":
            note("sent", event, payload["attempt_id"], micros(payload["sent_at"]))
            note("sent event", event, payload["attempt_id"], moment)
        elif kind == "route.attempt_accepted" or (
                kind == "route.attempt_resolved" and payload["resolution"] == "live"):
            note("taken", event, payload["attempt_id"], moment)
            note("taken order", event, payload.get("alpaca_order_id"), moment)
    for event in events(folder, "torghut.order-events.v1", "order.broker_update_recorded"):
        payload = event["payload"]
        if payload.get("event_type") in ("fill", "partial_fill") and payload["classification"] != "foreign":
            note("filled", event, payload.get("alpaca_order_id"), micros(event["ingest_ts"]))
    return found, links


def fold(folder):
    found, links = steps(folder)
    took = defaultdict(list)

    def hop(name, clock, begin, end):
        """`clock` says in which window it counts."""
        took[(clock // WINDOW * WINDOW, name)].append(end - begin)

    for (account, decision), at in found["decided"].items():
        ends = [found["intended"][(account, intent)] for intent in links["intent of"].get((account, decision), [])]
        if ends:
            hop("decided to intent", at, at, min(ends))
    for (account, intent), at in found["intended"].items():
        ends = [found["prepared"][(account, attempt)] for attempt in links["attempt of"].get((account, intent), [])]
        if ends:
            hop("intent to prepared", at, at, min(ends))
    for key, at in found["prepared"].items():
        if key in found["sent"]:
            hop("prepared to sent", at, at, found["sent"][key])
    for key, at in found["sent"].items():
        if key in found["taken"]:
            hop("sent to taken", found["sent event"][key], at, found["taken"][key])
    for key, at in found["taken order"].items():
        if key in found["filled"]:
            hop("taken to first fill", at, at, found["filled"][key])
    rows = []
    for (window, name), values in sorted(took.items()):
        values.sort()
        start, end = (datetime.fromtimestamp(moment // MICROSECONDS, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
                      for moment in (window, window + WINDOW))
        rows.append({
            "window_start": start, "window_end": end, "hop": name, "orders": len(values),
            "mean_us": sum(values) / len(values), "p50_us": percentile(values, 0.5),
            "p95_us": percentile(values, 0.95), "most_us": values[-1]})
    return rows
