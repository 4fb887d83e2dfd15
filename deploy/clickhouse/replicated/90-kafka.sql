-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- Consumers. Brokers and credentials are in the named collection torghut_kafka of the server's configuration
-- (docs/clickhouse.md); positions are in Kafka, one group per topic. What is delivered again is one row in the end.

CREATE TABLE IF NOT EXISTS torghut.decisions_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.decisions.v1',
    kafka_group_name = 'torghut-clickhouse-decisions',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.decisions_reader ON CLUSTER '{cluster}' TO torghut.decisions_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.decisions_queue;

CREATE TABLE IF NOT EXISTS torghut.order_intents_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.order-intents.v1',
    kafka_group_name = 'torghut-clickhouse-order-intents',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.order_intents_reader ON CLUSTER '{cluster}' TO torghut.order_intents_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.order_intents_queue;

CREATE TABLE IF NOT EXISTS torghut.route_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.route.v1',
    kafka_group_name = 'torghut-clickhouse-route',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.route_reader ON CLUSTER '{cluster}' TO torghut.route_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.route_queue;

CREATE TABLE IF NOT EXISTS torghut.order_events_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.order-events.v1',
    kafka_group_name = 'torghut-clickhouse-order-events',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.order_events_reader ON CLUSTER '{cluster}' TO torghut.order_events_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.order_events_queue;

CREATE TABLE IF NOT EXISTS torghut.account_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.account.v1',
    kafka_group_name = 'torghut-clickhouse-account',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.account_reader ON CLUSTER '{cluster}' TO torghut.account_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.account_queue;

CREATE TABLE IF NOT EXISTS torghut.trade_updates_v1_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.trade-updates.v1',
    kafka_group_name = 'torghut-clickhouse-trade-updates-v1',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.trade_updates_v1_reader ON CLUSTER '{cluster}' TO torghut.trade_updates_v1_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.trade_updates_v1_queue;

CREATE TABLE IF NOT EXISTS torghut.trade_updates_v2_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.trade-updates.v2',
    kafka_group_name = 'torghut-clickhouse-trade-updates-v2',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.trade_updates_v2_reader ON CLUSTER '{cluster}' TO torghut.trade_updates_v2_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.trade_updates_v2_queue;

CREATE TABLE IF NOT EXISTS torghut.quotes_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.quotes.v1',
    kafka_group_name = 'torghut-clickhouse-quotes',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.quotes_reader ON CLUSTER '{cluster}' TO torghut.quotes_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.quotes_queue;

CREATE TABLE IF NOT EXISTS torghut.lean_shadow_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.lean.shadow.v1',
    kafka_group_name = 'torghut-clickhouse-lean-shadow',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.lean_shadow_reader ON CLUSTER '{cluster}' TO torghut.lean_shadow_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.lean_shadow_queue;

CREATE TABLE IF NOT EXISTS torghut.lean_strategy_shadow_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.lean.strategy-shadow.v1',
    kafka_group_name = 'torghut-clickhouse-lean-strategy-shadow',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.lean_strategy_shadow_reader ON CLUSTER '{cluster}' TO torghut.lean_strategy_shadow_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.lean_strategy_shadow_queue;

CREATE TABLE IF NOT EXISTS torghut.lean_backtests_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.lean.backtests.v1',
    kafka_group_name = 'torghut-clickhouse-lean-backtests',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.lean_backtests_reader ON CLUSTER '{cluster}' TO torghut.lean_backtests_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.lean_backtests_queue;

CREATE TABLE IF NOT EXISTS torghut.lean_canary_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.lean.canary.v1',
    kafka_group_name = 'torghut-clickhouse-lean-canary',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.lean_canary_reader ON CLUSTER '{cluster}' TO torghut.lean_canary_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.lean_canary_queue;

CREATE TABLE IF NOT EXISTS torghut.control_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.control.v1',
    kafka_group_name = 'torghut-clickhouse-control',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.control_reader ON CLUSTER '{cluster}' TO torghut.control_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.control_queue;

CREATE TABLE IF NOT EXISTS torghut.quarantine_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.quarantine.v1',
    kafka_group_name = 'torghut-clickhouse-quarantine',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.quarantine_reader ON CLUSTER '{cluster}' TO torghut.quarantine_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.quarantine_queue;

CREATE TABLE IF NOT EXISTS torghut.heartbeats_queue ON CLUSTER '{cluster}' (value String)
ENGINE = Kafka(torghut_kafka)
SETTINGS
    kafka_topic_list = 'torghut.heartbeats.v1',
    kafka_group_name = 'torghut-clickhouse-heartbeats',
    kafka_format = 'RawBLOB',
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS torghut.heartbeats_reader ON CLUSTER '{cluster}' TO torghut.heartbeats_records AS
SELECT
    toUInt32(_partition) AS partition,
    _offset AS offset,
    toUnixTimestamp64Milli(ifNull(_timestamp_ms, toDateTime64(0, 3, 'UTC'))) AS timestamp,
    _key AS key,
    value
FROM torghut.heartbeats_queue;
