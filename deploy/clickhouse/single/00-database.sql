-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

CREATE DATABASE IF NOT EXISTS torghut;

-- Records of any topic that are no events of ours.
CREATE TABLE IF NOT EXISTS torghut.unread_log (
    topic LowCardinality(String),
    log_partition UInt32,
    log_offset UInt64,
    log_timestamp DateTime64(3, 'UTC'),
    key String,
    value String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(log_timestamp)
PARTITION BY toYYYYMM(if(log_timestamp BETWEEN '2020-01-01' AND '2089-12-31', log_timestamp, toDateTime64('2090-01-01', 3, 'UTC')))
ORDER BY (topic, log_partition, log_offset)
TTL toDateTime(if(log_timestamp BETWEEN '2020-01-01' AND '2089-12-31', log_timestamp, toDateTime64('2090-01-01', 3, 'UTC'))) + INTERVAL 12 MONTH
SETTINGS ttl_only_drop_parts = 1;

CREATE OR REPLACE VIEW torghut.unread AS
SELECT * FROM torghut.unread_log FINAL;

-- Readers stop first and start again last (90-kafka.sql): meanwhile records wait in Kafka.
DROP VIEW IF EXISTS torghut.decisions_reader;
DROP VIEW IF EXISTS torghut.order_intents_reader;
DROP VIEW IF EXISTS torghut.route_reader;
DROP VIEW IF EXISTS torghut.order_events_reader;
DROP VIEW IF EXISTS torghut.account_reader;
DROP VIEW IF EXISTS torghut.trade_updates_v1_reader;
DROP VIEW IF EXISTS torghut.trade_updates_v2_reader;
DROP VIEW IF EXISTS torghut.quotes_reader;
DROP VIEW IF EXISTS torghut.lean_shadow_reader;
DROP VIEW IF EXISTS torghut.lean_strategy_shadow_reader;
DROP VIEW IF EXISTS torghut.lean_backtests_reader;
DROP VIEW IF EXISTS torghut.lean_canary_reader;
DROP VIEW IF EXISTS torghut.control_reader;
DROP VIEW IF EXISTS torghut.quarantine_reader;
DROP VIEW IF EXISTS torghut.heartbeats_reader;
