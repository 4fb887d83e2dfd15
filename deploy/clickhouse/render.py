"""The SQL of one topic, and what tells the variants apart."""

import re
import textwrap

import columns
import topics

VARIANTS = ("single", "replicated")
HEAD = "-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.\n\n"
ENVELOPE = (
    "Tuple(event_id Nullable(String), event_type String, version UInt16, event_ts Nullable(String), "
    "ingest_ts Nullable(String), account_label String, symbol String, seq Int64, source String, "
    "correlation_id Nullable(String), causation_id Nullable(String), cause String, `window` Tuple(size String, step "
    "String, `start` Nullable(String), `end` Nullable(String)))"
)
# Columns of every table of events: name, type, and where the value comes from.
COMMON = [
    ("event_id", "UUID", "toUUIDOrZero(ifNull(e.event_id, ''))"),
    ("event_type", "LowCardinality(String)", "e.event_type"),
    ("version", "UInt16", "e.version"),
    ("event_ts", "DateTime64(9, 'UTC')", "parseDateTime64BestEffortOrZero(ifNull(e.event_ts, ''), 9, 'UTC')"),
    ("ingest_ts", "DateTime64(9, 'UTC')", "parseDateTime64BestEffortOrZero(ifNull(e.ingest_ts, ''), 9, 'UTC')"),
    ("account_label", "LowCardinality(String)", "e.account_label"),
    ("symbol", "LowCardinality(String)", "e.symbol"),
    ("seq", "Int64", "e.seq"),
    ("source", "LowCardinality(String)", "e.source"),
    ("correlation_id", "Nullable(UUID)", "toUUIDOrNull(e.correlation_id)"),
    ("causation_id", "Nullable(UUID)", "toUUIDOrNull(e.causation_id)"),
    ("cause", "String", "e.cause"),
    ("window_size", "LowCardinality(String)", "e.`window`.size"),
    ("window_step", "LowCardinality(String)", "e.`window`.step"),
    ("window_start", "Nullable(DateTime64(9, 'UTC'))", "parseDateTime64BestEffortOrNull(e.`window`.`start`, 9, 'UTC')"),
    ("window_end", "Nullable(DateTime64(9, 'UTC'))", "parseDateTime64BestEffortOrNull(e.`window`.`end`, 9, 'UTC')"),
    ("log_partition", "UInt32", "record.partition"),
    ("log_offset", "UInt64", "record.offset"),
    ("log_timestamp", "DateTime64(3, 'UTC')", "fromUnixTimestamp64Milli(record.timestamp, 'UTC')"),
    ("payload", "String CODEC(ZSTD(3))", "record.raw"),
]
# A record without a value says nothing. From a broker it never comes, because the engine passes it over; from a file it is
# passed over here, so that both come to the same.
SAYS = "concat(value, value_b64) != ''"
# What a record must have to be an event; one that lacks it is kept in `unread`.
IS_EVENT = (
    "toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL\n"
    "    AND JSONExtractString(value, 'event_type') != ''\n"
    "    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL\n"
    "    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL"
)


def variant(name, text):
    """One of the two from what is written for both."""
    text = re.sub(r"@clock\((\w+)\)@", lambda match: topics.clock(match[1]), text)
    if name == "single":
        text = text.replace("@cluster@", "")
        text = re.sub(r"@replacing\((\w+), (\w+)\)@", r"ReplacingMergeTree(\2)", text)
    else:
        text = text.replace("@cluster@", " ON CLUSTER '{cluster}'")
        text = re.sub(
            r"@replacing\((\w+), (\w+)\)@",
            r"ReplicatedReplacingMergeTree('/clickhouse/tables/{cluster}/{shard}/\1', '{replica}', \2)", text)
    if "@" in text:
        raise SystemExit(f"not replaced: {text[text.index('@'):][:60]}")
    return HEAD + text


def stop(known):
    """Ends what reads from Kafka: while tables change, records wait there."""
    lines = [f"DROP VIEW IF EXISTS torghut.{topic.name}_reader@cluster@;" for topic in known]
    return "\n-- Readers stop first and start again last (90-kafka.sql): meanwhile records wait in Kafka.\n" + "\n".join(
        lines) + "\n"


def topic(topic):
    parts = [f"-- {topic.topic}, keyed by {topic.key}.\n"]
    parts += [records(topic), raw(topic) if topic.is_raw else events(topic)]
    return "\n".join(parts)


def records(topic):
    """What both Kafka and a file are inserted into: nothing stays here, it is passed on."""
    return f"""\
-- A record as `torghut log read` prints it; whatever is inserted here is passed on, and nothing stays.
CREATE TABLE IF NOT EXISTS torghut.{topic.name}_records@cluster@ (
    partition UInt32,
    offset UInt64,
    timestamp Int64 COMMENT 'Milliseconds since 1970.',
    key String,
    value String,
    value_b64 String COMMENT 'The value, where it is no text.'
)
ENGINE = Null;
"""


def raw(topic):
    cut, end = topic.keeping
    return f"""\
CREATE TABLE IF NOT EXISTS torghut.{topic.name}_log@cluster@ (
    log_partition UInt32,
    log_offset UInt64,
    log_timestamp DateTime64(3, 'UTC'),
    key String,
    value String CODEC(ZSTD(3))
)
ENGINE = @replacing({topic.name}_log, log_timestamp)@
PARTITION BY {cut}
ORDER BY ({", ".join(topic.sorting)})
TTL {end}
SETTINGS ttl_only_drop_parts = 1;

DROP VIEW IF EXISTS torghut.{topic.name}_writer@cluster@;
CREATE MATERIALIZED VIEW torghut.{topic.name}_writer@cluster@ TO torghut.{topic.name}_log AS
SELECT
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.{topic.name}_records
WHERE {SAYS};

{view(topic)}"""


def events(topic):
    cut, end = topic.keeping
    sorted_payload = [column for column in topic.columns if column.name in topic.sorting]
    declared = [f"    {name} {kind}" for name, kind, _ in COMMON]
    declared += [f"    {column.name} {column.type} {says(column)}" for column in sorted_payload]
    declared.append("    unread_fields Array(LowCardinality(String)) COMMENT 'What is in payload and has no such type.'")
    added = [f"    ADD COLUMN IF NOT EXISTS {column.name} {column.type} {says(column)}"
             for column in topic.columns if column not in sorted_payload]
    added.append("    ADD INDEX IF NOT EXISTS log_offset_at log_offset TYPE minmax GRANULARITY 4")
    added += [f"    ADD INDEX IF NOT EXISTS {name}_at {name} TYPE bloom_filter(0.01) GRANULARITY 4"
              for name in topic.looked_up if name not in topic.sorting]
    return f"""\
CREATE TABLE IF NOT EXISTS torghut.{topic.name}_log@cluster@ (
{",{}".format(chr(10)).join(declared)}
)
ENGINE = @replacing({topic.name}_log, ingest_ts)@
PARTITION BY {cut}
ORDER BY ({", ".join(topic.sorting)})
TTL {end}
SETTINGS ttl_only_drop_parts = 1;

-- Fields of the payload; new ones come here and nowhere else, so that this file also brings an older table up to date.
ALTER TABLE torghut.{topic.name}_log@cluster@
{",{}".format(chr(10)).join(added)};

DROP VIEW IF EXISTS torghut.{topic.name}_writer@cluster@;
{writer(topic)}
{view(topic)}
{unread(topic)}"""


def writer(topic):
    chosen = [f"    {source} AS {name}" for name, _, source in COMMON]
    chosen += [f"    {column.value} AS {column.name}" for column in topic.columns]
    checks = [f"        if({column.fault}, '{column.name}', '')" for column in topic.columns if column.fault]
    checks.append("        if(isNull(toUUIDOrNull(e.correlation_id)), 'correlation_id', '')")
    chosen.append("    arrayFilter(name -> name != '', [\n" + ",\n".join(checks) + "\n    ]) AS unread_fields")
    return f"""\
CREATE MATERIALIZED VIEW torghut.{topic.name}_writer@cluster@ TO torghut.{topic.name}_log AS
SELECT
{",{}".format(chr(10)).join(chosen)}
FROM (
    SELECT
        partition, offset, timestamp,
        JSONExtractRaw(value, 'payload') AS raw,
        JSONExtract(value, '{folded(ENVELOPE)}') AS e,
        JSONExtract(value, 'payload', '{folded(columns.tuple_type(topic.columns))}') AS p
    FROM torghut.{topic.name}_records
    WHERE {IS_EVENT}
) AS record;
"""


def view(topic):
    return f"""\
-- Each {"record" if topic.is_raw else "event"} once, however often it came.
CREATE OR REPLACE VIEW torghut.{topic.name}@cluster@ AS
SELECT * FROM torghut.{topic.name}_log FINAL;
"""


def unread(topic):
    return f"""\
-- What is no event is kept too: nothing that came is lost.
DROP VIEW IF EXISTS torghut.{topic.name}_unread_writer@cluster@;
CREATE MATERIALIZED VIEW torghut.{topic.name}_unread_writer@cluster@ TO torghut.unread_log AS
SELECT
    '{topic.topic}' AS topic,
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.{topic.name}_records
WHERE {SAYS} AND NOT (
    {IS_EVENT}
);
"""


def kafka(known):
    """Queues and readers; the address of the brokers and the password stand in the server's configuration."""
    parts = ["""\
-- Consumers. Brokers and credentials are in the named collection torghut_kafka of the server's configuration
-- (docs/clickhouse.md); positions are in Kafka, one group per topic. What is delivered again is one row in the end.
"""]
    for topic in known:
        parts.append(f"""\
CREATE TABLE IF NOT EXISTS torghut.{topic.name}_queue@cluster@ (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = '{topic.topic}',
    kafka_group_name = 'torghut-clickhouse-{topic.name.replace("_", "-")}',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.{topic.name}_reader@cluster@ TO torghut.{topic.name}_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.{topic.name}_queue;
""")
    return "\n".join(parts)


def says(column):
    """The field's description without what holds for every column: limits, and that absent is null."""
    text = re.sub(r" (At most \d+ bytes of UTF-8|Absent and null mean the same)\.", "", column.says)
    return f"COMMENT '{quoted(text)}'"


def folded(text):
    """A type over several lines: it is read all the same."""
    return quoted("\n            ".join(textwrap.wrap(text, 105, break_long_words=False, break_on_hyphens=False)))


def quoted(text):
    return text.replace("\\", "\\\\").replace("'", "\\'")
