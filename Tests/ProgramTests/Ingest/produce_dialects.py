"""Produces what forwarders write, in every shape that was seen, with a client that shares no code with the product.

Usage: produce_dialects.py BOOTSTRAP. Prints, one JSON object per line, an id and what its order should come to.
"""

import json
import sys

from confluent_kafka import Producer

V1, V2 = "torghut.trade-updates.v1", "torghut.trade-updates.v2"
OURS = {name: (name + "0" * 64)[:64] for name in ("a1", "a2", "a3", "a4", "a5", "a6")}
TIME = "2026-02-01T10:00:"

producer = Producer(
    {"bootstrap.servers": sys.argv[1], "partitioner": "murmur2_random", "acks": "all", "enable.idempotence": True}
)
failures = []


def send(topic, key, value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    producer.produce(
        topic, key=key, value=data, on_delivery=lambda error, _: failures.append(str(error)) if error else None
    )
    # One after another: the next one may lie on another partition, and is to be read later.
    producer.flush(20)


def expect(identity, account, status, filled, price, classes, **more):
    print(
        json.dumps(
            {
                "id": identity,
                "account": account,
                "status": status,
                "filled_qty": filled,
                "avg_fill_price": price,
                "classes": classes,
                **more,
            }
        )
    )


def order(identity, client, status, filled, price, symbol="AAPL", **more):
    return {
        "id": identity,
        "client_order_id": client,
        "symbol": symbol,
        "status": status,
        "qty": "1",
        "filled_qty": filled,
        "filled_avg_price": price,
        **more,
    }


# The original's own sample: snake_case, an order that nobody here sent; then with the forwarder's next number.
sample = {
    "channel": "trade_updates",
    "seq": 10,
    "payload": {
        "event": "fill",
        "timestamp": "2026-02-01T10:00:00Z",
        "order": {
            "id": "order-1",
            "client_order_id": "client-1",
            "symbol": "AAPL",
            "status": "filled",
            "qty": "1",
            "filled_qty": "1",
            "filled_avg_price": "190.2",
        },
    },
}
send(V1, "AAPL", sample)
send(V1, "AAPL", {**sample, "seq": 11})
expect("client-1", "paper", "filled", "1", "190.2", ["unlinked", "duplicate"])
expect("order-1", "paper", "filled", "1", "190.2", ["unlinked", "duplicate"])

# The second version says whose order it is, which goes before whose stream it is.
second = {
    "channel": "trade_updates",
    "seq": 12,
    "version": 2,
    "accountLabel": "paper-b",
    "payload": {
        "account_label": "paper-b",
        "event": "fill",
        "timestamp": "2026-02-01T10:00:00Z",
        "order": order("order-9", "client-9", "filled", "1", "190.2"),
    },
}
send(V2, "AAPL", second)
expect("order-9", "paper-b", "filled", "1", "190.2", ["unlinked"])

# A label on the order itself.
send(
    V1,
    "MSFT",
    {
        "channel": "trade_updates",
        "payload": {
            "event": "new",
            "t": TIME + "01Z",
            "order": order("order-c", "client-c", "new", "0", None, "MSFT", alpaca_account_label="paper-c"),
        },
    },
)
expect("order-c", "paper-c", "new", "0", None, ["unlinked"])

# What the forwarder really writes: camelCase with nulls, the same update on both topics.
camel = {
    "ingestTs": "2026-02-01T10:00:02.410Z",
    "eventTs": "2026-02-01T10:00:02.4Z",
    "feed": "alpaca",
    "channel": "trade_updates",
    "symbol": "NVDA",
    "seq": 812,
    "payload": {
        "event": "partial_fill",
        "timestamp": "2026-02-01T10:00:02.400123456Z",
        "price": "100.5",
        "qty": "0.4",
        "position_qty": "0.4",
        "execution_id": "e-camel",
        "order": order("order-camel", OURS["a1"], "partially_filled", "0.4", "100.5", "NVDA"),
    },
    "accountLabel": None,
    "isFinal": True,
    "source": "ws",
    "window": None,
    "version": 1,
}
send(V1, "NVDA", camel)
send(
    V2,
    "NVDA",
    {**camel, "version": 2, "accountLabel": "paper", "payload": {**camel["payload"], "account_label": "paper"}},
)
expect(OURS["a1"], "paper", "partially_filled", "0.4", "100.5", ["applied", "duplicate"], execution_count="1")

# Alpaca's own frame: an order by money has no quantity; crypto has a slash.
send(
    V1,
    "BTC/USD",
    {
        "stream": "trade_updates",
        "data": {
            "event": "new",
            "timestamp": "2026-02-01T10:00:03Z",
            "order": {
                **order("order-frame", OURS["a2"], "new", "0", None, "BTC/USD"),
                "qty": None,
                "notional": "500",
            },
        },
    },
)
expect(OURS["a2"], "paper", "new", "0", None, ["applied"], symbol="BTC/USD")

# An object with an order, numbers that are numbers, other names; and an order alone.
send(
    V1,
    "AAPL",
    {
        "event": "fill",
        "timestamp": "2026-02-01T10:00:04Z",
        "accountLabel": "paper-d",
        "order": {
            "order_id": "order-2",
            "clientOrderId": "client-2",
            "symbol": " AAPL ",
            "status": "filled",
            "qty": 1,
            "filled_qty": 1,
            "avg_fill_price": 190.2,
        },
    },
)
expect("client-2", "paper-d", "filled", "1", "190.2", ["unlinked"])
send(V1, "AAPL", order("order-alone", OURS["a3"], "accepted", "0", None, updated_at="2026-02-01T10:00:05Z"))
expect(OURS["a3"], "paper", "accepted", "0", None, ["applied"])

# The simulation's envelope says the account twice.
send(
    V1,
    "AAPL",
    {
        "channel": "trade_updates",
        "event_ts": "2026-02-01T10:00:06Z",
        "seq": 1,
        "symbol": "AAPL",
        "account_label": "sim",
        "accountLabel": "sim",
        "source": "simulation",
        "simulation_context": {"simulation_run_id": "run-1", "dataset_id": "d", "symbol": "AAPL"},
        "payload": {
            "event": "fill",
            "timestamp": "2026-02-01T10:00:06Z",
            "account_label": "sim",
            "order": order("order-sim", "client-sim", "filled", "1", "1.5", alpaca_account_label="sim"),
        },
    },
)
expect("order-sim", "sim", "filled", "1", "1.5", ["unlinked"])

# Neither of these says anything of an order; what comes behind them is read.
send(V1, "AAPL", {"channel": "trade_updates", "payload": {"event": "fill", "order": {"symbol": "AAPL"}}})
send(V1, "AAPL", b"\xff\xfe no json")


def frame(event, second, status, filled, price, client, seq, slice_of=None):
    return {
        "channel": "trade_updates",
        "seq": seq,
        "payload": {
            "event": event,
            "timestamp": "2026-02-01T11:00:%02dZ" % second,
            "order": order("order-" + client[:2], client, status, filled, price),
            **(slice_of or {}),
        },
    }


# The forwarder was started anew: its numbers begin again, and what they count is as true as before.
send(V1, "AAPL", frame("new", 0, "new", "0", None, OURS["a4"], 500))
send(V1, "AAPL", frame("fill", 10, "filled", "1", "190", OURS["a4"], 3))
# Then an older word, and one that would take back an end.
send(V1, "AAPL", frame("partial_fill", 5, "partially_filled", "0.5", "190", OURS["a4"], 12))
send(V1, "AAPL", frame("pending_cancel", 11, "pending_cancel", "0", None, OURS["a4"], 6))
expect(OURS["a4"], "paper", "filled", "1", "190", ["applied", "applied", "out_of_order", "*"])

# Alpaca has sent this: the same two events three times over, with one execution.
slice_of = {"execution_id": "e-once", "qty": "1", "price": "190", "position_qty": "1"}
for turn in range(3):
    send(V1, "AAPL", frame("new", 20, "new", "0", None, OURS["a5"], 40 + turn))
    send(V1, "AAPL", frame("fill", 21, "filled", "1", "190", OURS["a5"], 50 + turn, slice_of))
expect(
    OURS["a5"], "paper", "filled", "1", "190", ["applied", "applied"] + ["duplicate"] * 4, execution_count="1"
)

# Canceled with something filled keeps it.
slice_of = {"execution_id": "e-part", "qty": "0.25", "price": "10", "position_qty": "0.25"}
send(V1, "AAPL", frame("partial_fill", 30, "partially_filled", "0.25", "10", OURS["a6"], 60, slice_of))
send(V1, "AAPL", frame("canceled", 31, "canceled", "0.25", "10", OURS["a6"], 61))
expect(OURS["a6"], "paper", "canceled", "0.25", "10", ["applied", "applied"], execution_count="1")

if failures:
    sys.exit("not delivered: " + "; ".join(failures))
