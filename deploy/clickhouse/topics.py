"""The topics as asyncapi.yaml tells them: names, keys, how long they are kept, and the events that lie there."""

import yaml

import columns

# What rows of a topic are sorted by, after the key of its records; then comes the time, and last the event itself.
KEYS = {
    "symbol": ["symbol"], "account_label": ["account_label"], "strategy_id": ["strategy_id"],
    "backtest_id": ["backtest_id"], "scope": ["scope"], "canary": ["event_type"], "source": ["source_topic"],
    "process/role": ["process", "role"],
}
# Ids that people look a row up by, whatever its key is.
LOOKED_UP = ["decision_hash", "client_order_id", "intent_id", "attempt_id", "alpaca_order_id", "correlation_id"]


class Topic:
    def __init__(self, name, channel, schemas, names):
        self.topic = name
        self.name = table_name(name, names)
        self.key = channel["x-key"]
        self.kept_forever = channel["bindings"]["kafka"]["topicConfiguration"]["retention.ms"] == -1
        self.events = [schema for schema in schemas if schema["description"].startswith(f"An event of {name},")]
        self.columns = columns.payload_columns(self.events)

    @property
    def is_raw(self):
        """What lies there was written elsewhere, and is kept as it came."""
        return not self.events

    @property
    def sorting(self):
        if self.is_raw:
            return ["log_partition", "log_offset"]
        return [*KEYS[self.key], "event_ts", "event_id"]

    @property
    def looked_up(self):
        known = {column.name for column in self.columns} | {"correlation_id"}
        return [] if self.is_raw else [name for name in LOOKED_UP if name in known]

    @property
    def keeping(self):
        """How rows are cut into parts, and for how long they stay: a part goes as a whole.

        Cut by what they are sorted by too, so that all copies of an event lie in one part and a view merges month by
        month. Kept by when we took them in: event_ts is anybody's word, and a row of 1969 would be over as it comes.
        """
        if self.kept_forever:
            return f"toYYYYMM({clock('event_ts')})", f"toDateTime({clock('ingest_ts')}) + INTERVAL 84 MONTH"
        if self.is_raw:
            return f"toMonday({clock('log_timestamp')})", f"toDateTime({clock('log_timestamp')}) + INTERVAL 30 DAY"
        return f"toMonday({clock('event_ts')})", f"toDateTime({clock('ingest_ts')}) + INTERVAL 14 DAY"


def clock(column):
    """A time that parts can be cut by, and that a row can be kept by.

    Records carry any time that their producer liked. One that no clock of ours has shown counts as one of 2090: there
    such rows are found, and the end of DateTime, 2106, is far enough behind that.
    """
    return f"if({column} BETWEEN '2020-01-01' AND '2089-12-31', {column}, toDateTime64('2090-01-01', 3, 'UTC'))"


def table_name(topic, topics):
    """`torghut.order-events.v1` is `order_events`; the version stays where there are two."""
    base, version = topic.removeprefix("torghut.").rsplit(".", 1)
    alone = sum(each.rsplit(".", 1)[0] == topic.rsplit(".", 1)[0] for each in topics) == 1
    return (base if alone else f"{base}_{version}").replace(".", "_").replace("-", "_")


def load(folder):
    schemas = columns.load(folder)
    channels = yaml.safe_load((folder / "asyncapi.yaml").read_text())["channels"]
    return [Topic(name, channel, schemas, list(channels)) for name, channel in channels.items()]
