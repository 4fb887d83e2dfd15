"""The log folded once more, by other hands: what the read models say, worked out from the events alone.

Each fold takes a position (offsets by topic) and knows nothing of what lies behind it. The rules are those of
docs/read-models.md, as far as figures on the pages need them.
"""

import calendar
import hashlib
import re
import time
import uuid
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal, getcontext

getcontext().prec = 80
NANO = Decimal("0.000000001")
RANKS = {word: rank for rank, word in enumerate((
    "prepared", "unknown", "held", "pending_review", "pending_new", "accepted", "accepted_for_bidding", "new",
    "suspended", "pending_replace", "pending_cancel", "stopped", "partially_filled", "done_for_day", "calculated",
    "replaced", "rejected", "expired", "canceled", "filled"))}
ENDS = {"replaced", "rejected", "expired", "canceled", "filled"}
DECISIONS, INTENTS, ROUTE = "torghut.decisions.v1", "torghut.order-intents.v1", "torghut.route.v1"
ORDERS, CONTROL, CANARY = "torghut.order-events.v1", "torghut.control.v1", "torghut.lean.canary.v1"
SHADOW, BACKTESTS, QUARANTINE = "torghut.lean.shadow.v1", "torghut.lean.backtests.v1", "torghut.quarantine.v1"


def exact(value):
    """A decimal as the house writes it, or nothing."""
    if value is None:
        return None
    text = format(Decimal(value), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def rounded(value):
    return exact(Decimal(value).quantize(NANO, ROUND_HALF_EVEN))


def own_hash(client_order_id):
    """The decision that an order id of ours begins with."""
    found = re.fullmatch(r"([0-9a-f]{64})(-r[0-9]+)?", client_order_id or "")
    return found.group(1) if found else None


class Log:
    """Everything before a position; everything there is when it is `whole`."""

    def __init__(self, rig, vector, whole=False):
        self.rig = rig
        self.whole = whole
        self.vector = vector
        self.done = {}

    def events(self, topic):
        return self.rig.events(topic, None if self.whole else self.vector.get(topic, []))

    def once(self, name, make):
        if name not in self.done:
            self.done[name] = make()
        return self.done[name]

    # -- Orders

    def orders(self):
        return self.once("orders", self._orders)

    def _orders(self):
        told = defaultdict(list)
        links = {}
        for topic in (ROUTE, ORDERS):
            for event in self.events(topic):
                body, kind = event["payload"], event["event_type"]
                if body.get("classification") == "foreign":
                    continue
                if kind == "route.intent_withdrawn" and body.get("attempt_count") == 0:
                    continue
                if kind in ("route.intent_held", "route.intent_released", "route.ids_divergent",
                            "route.cancel_refused", "route.replace_refused",
                            "order.discrepancy_found", "order.discrepancy_resolved"):
                    continue
                client, broker = body.get("client_order_id"), body.get("alpaca_order_id")
                if client and broker:
                    links[broker] = client
                told[client or ("broker", broker)].append(event)
        # What names only the broker's id belongs to the order that has it.
        for key in [key for key in told if isinstance(key, tuple)]:
            if key[1] in links:
                told[links[key[1]]] += told[key]
            del told[key]
        decided = self.decided()
        return {client: self._order(client, events, decided) for client, events in told.items() if client}

    def decided(self):
        """The arrival price of each decision."""
        found = {}
        for event in self.events(DECISIONS):
            body = event["payload"]
            if event["event_type"] == "decision.recorded":
                quote = body.get("reference_quote")
                price = (Decimal(quote["bid"]) + Decimal(quote["ask"])) / 2 if quote else (
                    Decimal(body["arrival_price"]) if body.get("arrival_price") else None)
                found.setdefault(body["decision_hash"], price if price and price > 0 else None)
        return found

    def _order(self, client, events, decided):
        row = {"created": min((event["event_ts"] for event in events), key=instant),
               "client_order_id": client, "symbol": events[0].get("symbol"), "account": events[0].get("account_label")}
        prepared = [e["payload"] for e in events if e["event_type"] == "route.attempt_prepared"]
        terms = prepared[0] if prepared else next(
            (e["payload"] for e in events if e["payload"].get("side") and e["payload"].get("order_type")), {})
        for name, field in (("submitted_qty", "qty"), ("limit_price", "limit_price"), ("stop_price", "stop_price"),
                            ("submitted_notional", "notional")):
            row[name] = exact(terms.get(field))
        row["side"] = terms.get("side")
        row.update(self._fills(events))
        row["status"] = self._status(events)
        fallbacks = [e["payload"].get("execution_fallback_count") or 0 for e in events if e["event_type"] in (
            "route.fallback_decided", "route.attempt_accepted", "route.attempt_resolved")]
        row["execution_fallback_count"] = str(max(fallbacks, default=0))
        taking = [e["payload"] for e in events if e["event_type"] == "route.attempt_accepted"
                  or (e["event_type"] == "route.attempt_resolved" and e["payload"].get("resolution") == "live")]
        asked = [e["payload"] for e in events if e["event_type"].startswith("route.attempt_")]
        row["execution_expected_adapter"] = min(asked, key=lambda b: b["attempt"])["execution_expected_adapter"] \
            if asked else "unknown"
        row["execution_actual_adapter"] = min(taking, key=lambda b: b["attempt"])["execution_adapter"] if taking else "unknown"
        row["attempts"] = str(len({e["payload"].get("attempt_id") for e in events
                                   if e["event_type"] == "route.attempt_prepared"}))
        row["events"] = str(len(events))
        row.update(self._costs(row, decided.get(own_hash(client))))
        return row

    @staticmethod
    def _fills(events):
        slices, said = {}, None
        for event in events:
            body = event["payload"]
            moment = body.get("broker_event_ts") or body.get("broker_updated_at") or event["event_ts"]
            total = body.get("filled_qty")
            if total is not None and event["event_type"] in (
                    "route.attempt_accepted", "route.cancel_confirmed", "order.snapshot_observed",
                    "order.broker_update_recorded"):
                price = body.get("filled_avg_price") or body.get("avg_fill_price")
                rank = (Decimal(total), instant(moment), event["event_id"])
                if said is None or rank > said[0]:
                    said = (rank, price)
            if event["event_type"] != "order.broker_update_recorded" or not body.get("execution_id"):
                continue
            one = slices.setdefault(body["execution_id"], {})
            order = (instant(moment), event["event_id"])
            if refused(body):
                continue
            if body.get("event_type") == "trade_bust":
                one["busted"] = True
            elif body.get("fill_qty") and Decimal(body["fill_qty"]) > 0 and body.get("fill_price") is not None:
                what = (Decimal(body["fill_qty"]), Decimal(body["fill_price"]))
                if body.get("event_type") == "trade_correct":
                    if "corrected" not in one or order > one["corrected"][0]:
                        one["corrected"] = (order, what)
                elif "filled" not in one or order < one["filled"][0]:
                    one["filled"] = (order, what)
        slices = {name: one for name, one in slices.items() if one}
        quantity = notional = Decimal(0)
        for one in slices.values():
            if "busted" in one:
                continue
            amount, price = (one.get("corrected") or one["filled"])[1]
            quantity += amount
            notional += amount * price
        if slices:
            return {"execution_count": str(len(slices)), "filled_qty": exact(quantity), "notional": notional,
                    "avg_fill_price": rounded(notional / quantity) if quantity else None}
        average = exact(said[1]) if said else None
        quantity = said[0][0] if said else Decimal(0)
        return {"execution_count": "0", "filled_qty": exact(quantity), "reported": said is not None,
                "notional": quantity * Decimal(average) if average else None, "avg_fill_price": average}

    @staticmethod
    def _status(events):
        best_end, latest, reply = None, None, None
        step = None
        for event in events:
            body, kind = event["payload"], event["event_type"]
            word, is_reply = None, kind.startswith("route.")
            if kind in ("route.attempt_accepted", "route.cancel_confirmed", "order.snapshot_observed"):
                word = body.get("status")
            elif kind == "route.attempt_resolved":
                word = {"live": body.get("status"), "rejected": "rejected"}.get(body.get("resolution"))
            elif kind == "route.attempt_rejected" and body.get("fallback_allowed") is False:
                word = "rejected"
            elif kind == "route.intent_withdrawn":
                word = {"expired": "expired", "attempts_exhausted": "rejected"}.get(
                    body.get("withdrawal_reason"), "canceled")
            elif kind == "order.broker_update_recorded":
                names = [body.get("status"), body.get("event_type"),
                         {"fill": "filled", "partial_fill": "partially_filled"}.get(body.get("event_type"))]
                word = next((name for name in names if name == "cancelled" or RANKS.get(name, 0) > 1), None)
            word = "canceled" if word == "cancelled" else word
            number = body.get("attempt")
            at = {"route.attempt_prepared": 0, "route.attempt_unknown": 1, "route.attempt_rejected": 2,
                  "route.attempt_resolved": 2, "route.attempt_accepted": 2}.get(kind)
            if at is not None and number is not None:
                step = max(step, (number, at)) if step else (number, at)
            if RANKS.get(word, 0) < 2:
                continue
            moment = instant(body.get("broker_event_ts") or body.get("broker_updated_at") or event["event_ts"]) \
                if kind.startswith("order.") else instant(event["event_ts"])
            if word in ENDS:
                best_end = max(filter(None, (best_end, (RANKS[word], moment, not is_reply, word))))
            elif is_reply:
                reply = max(filter(None, (reply, (RANKS[word], moment, word))))
            else:
                latest = max(filter(None, (latest, (moment, RANKS[word], word))))
        found = best_end or latest or reply
        if found:
            return found[-1]
        return "unknown" if step is None or step[1] == 1 else "prepared"

    @staticmethod
    def _costs(row, arrival):
        known = row.get("execution_count") != "0" or (row.get("reported") and Decimal(row["filled_qty"]) > 0)
        if arrival is None or row["side"] not in ("buy", "sell") or not known:
            return {}
        quantity, notional = Decimal(row["filled_qty"]), row["notional"]
        sign = 1 if row["side"] == "buy" else -1
        costs = {"arrival_price": exact(arrival)}
        if notional is not None and quantity > 0 and row["avg_fill_price"] is not None:
            lost = sign * (notional - arrival * quantity)
            costs["shortfall_notional"] = rounded(lost)
            costs["slippage_bps"] = rounded(lost / (arrival * quantity) * 10_000)
            if row["submitted_qty"] and Decimal(row["submitted_qty"]) > 0:
                costs["shortfall_bps"] = rounded(lost / (arrival * Decimal(row["submitted_qty"])) * 10_000)
        return costs

    # -- Decisions

    def decisions(self):
        return self.once("decisions", self._decisions)

    def _decisions(self):
        """What became of each decision: the furthest it came, and the last that was said of its submission."""
        rows = {}
        ranks = {"decision.blocked": 1, "decision.rejected": 2, "intent.emitted": 3}
        for topic in (DECISIONS, INTENTS, ROUTE):
            for event in self.events(topic):
                body, kind = event["payload"], event["event_type"]
                if topic == ROUTE and not kind.startswith("route.attempt_"):
                    continue
                row = rows.setdefault(body["decision_hash"], {
                    "rank": 0, "reasons": [], "conflicted": False, "created": event["event_ts"]})
                row["created"] = min(row["created"], event["event_ts"], key=instant)
                row["rank"] = max(row["rank"], 3 if topic == ROUTE else ranks.get(kind, 0))
                if kind == "decision.recorded":
                    row.update(qty=exact(body.get("qty")), limit_price=exact(body.get("limit_price")),
                               symbol=event.get("symbol"))
                elif kind in ranks:
                    row["reasons"] = body.get("risk_reasons") or body.get("submission_block_atomic") or []
                elif kind == "decision.conflicted":
                    row["conflicted"] = True
        return rows

    # -- Attempts

    def attempts(self):
        return self.once("attempts", self._attempts)

    def _attempts(self):
        rows = {}
        ranks = {"prepared": 0, "sent": 1, "unknown": 2, "rejected": 3, "not_live": 4, "accepted": 5}
        for event in self.events(ROUTE):
            body, kind = event["payload"], event["event_type"]
            if not kind.startswith("route.attempt_"):
                continue
            row = rows.setdefault(body["attempt_id"], {
                "attempt": str(body["attempt"]), "client_order_id": body["client_order_id"], "state": "prepared",
                "execution_adapter": body["execution_adapter"],
                "execution_expected_adapter": body["execution_expected_adapter"]})
            said = {"route.attempt_resolved": {"live": "accepted"}.get(body.get("resolution"), body.get("resolution"))}.get(
                kind, kind.removeprefix("route.attempt_"))
            row["state"] = max(row["state"], said, key=lambda word: ranks.get(word, 0))
            if kind in ("route.attempt_accepted", "route.attempt_rejected", "route.attempt_unknown"):
                row.setdefault("latency_us", str(body["latency_us"]) if body.get("latency_us") is not None else None)
            if kind == "route.attempt_sent":
                row.setdefault("sent_bytes", str(body.get("sent_bytes")))
        return rows

    # -- One topic, one row for each thing

    def backtests(self):
        rows = {}
        for event in self.events(BACKTESTS):
            body = event["payload"]
            have = rows.get(body["backtest_id"])
            if event["event_type"] == "backtest.submitted" and have and have["status"] in (
                    "queued", "running", "completed"):
                continue
            rows[body["backtest_id"]] = body
        return rows

    def incidents(self):
        rows = {}
        for event in self.events(CANARY):
            body, kind = event["payload"], event["event_type"]
            if kind == "canary.incident_opened":
                row = rows.setdefault(body["incident_key"], {"status": "open"})
                for name in ("breach_type", "severity", "observed", "threshold"):
                    row.setdefault(name, body.get(name))
            elif kind == "canary.incident_resolved":
                rows.setdefault(body["incident_key"], {})["status"] = "resolved"
        return rows

    def verdicts(self):
        """The last verdict on each limit."""
        rows = {}
        for event in self.events(CANARY):
            if event["event_type"] == "canary.verdict_reached":
                rows[event["payload"]["breach_type"]] = event["payload"] | {"event_id": event["event_id"]}
        return rows

    def shadows(self, stretch):
        """The last word of a stretch on each intent: simulated, failed, or judged."""
        rows = {}
        for event in self.events(SHADOW):
            if stretch.holds(event["event_ts"]):
                rows[event["payload"]["intent_id"]] = {"parity_status": "error"} | event["payload"]
        return rows

    def parked(self):
        """Records that are parked, and what was done about each."""
        rows = {}
        for event in self.events(QUARANTINE):
            body = event["payload"]
            if event["event_type"] == "quarantine.record_parked":
                row = rows.setdefault(self._place(body), {"parked_count": 0, "actions": 0, "acted": ""})
                row["parked_count"] += 1
                row["record_bytes"] = body.get("record_bytes")
                row["parked"] = event["event_ts"]
                row["reason"] = body.get("park_reason")
        for event in self.events(CONTROL):
            if event["event_type"].startswith("control.quarantine_"):
                row = rows.setdefault(self._place(event["payload"]), {"parked_count": 0, "parked": ""})
                row["actions"] = row.get("actions", 0) + 1
                row["acted"] = event["event_ts"]
                row["action"] = event["event_type"].removeprefix("control.quarantine_")
        for row in rows.values():
            acted = row.get("acted") or ""
            row["status"] = "parked" if not acted or (row["parked"] and instant(row["parked"]) > instant(acted)) \
                else row["action"]
        return rows

    @staticmethod
    def _place(body):
        return tuple(str(body[name]) for name in (
            "projection", "projection_version", "source_topic", "source_partition", "source_offset"))

    def discrepancies(self):
        rows = {}
        for event in self.events(ORDERS):
            body, kind = event["payload"], event["event_type"]
            if kind == "order.discrepancy_found":
                row = rows.setdefault(body["discrepancy_id"], {"status": "open", "found_count": 0})
                row["found_count"] += 1
                row.update({name: body.get(name) for name in ("severity", "difference", "kind")})
            elif kind == "order.discrepancy_resolved":
                rows.setdefault(body["discrepancy_id"], {"found_count": 0})["status"] = "resolved"
        return rows

    def control(self):
        """The last word of control on each thing, by type."""
        rows = {}
        for event in self.events(CONTROL):
            body = event["payload"]
            name = body.get("lane") or body.get("adapter") or body.get("symbol") or body.get("strategy_id") \
                or body.get("stream") or body.get("address") or body.get("name") or body.get("process") or ""
            rows[(event["event_type"], name)] = event
        return rows


def refused(body):
    """What no table holds is parked, and counts for nothing."""
    if body.get("event_type") == "trade_bust" or not body.get("fill_qty") or body.get("fill_price") is None:
        return False
    quantity, price = Decimal(body["fill_qty"]), Decimal(body["fill_price"])
    return quantity > 10 ** 12 or price > 10 ** 9 or quantity * price > 10 ** 15


def instant(text):
    """A moment that compares as it should, whatever its number of digits."""
    whole, _, part = text.rstrip("Z").partition(".")
    return whole, part.ljust(9, "0")


def nanos(text):
    """Nanoseconds since 1970."""
    whole, part = instant(text)
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) * 1_000_000_000 + int(part)


def micros(text):
    """Whole microseconds since 1970, rounded down."""
    return nanos(text) // 1000


def row_id(table, account, key):
    """The id of a row, as docs/identity.md says it is made."""
    text = "torghut.row.v1\n" + "".join(
        f"{name}={len(value.encode())}:{value}\n"
        for name, value in (("table", table), ("account_label", account), ("key", key)))
    half = bytearray(hashlib.sha256(text.encode()).digest()[:16])
    half[6] = half[6] & 0x0F | 0x80
    half[8] = half[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(half)))
