-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- torghut.quotes.v1, keyed by symbol.

-- A record as `torghut log read` prints it; whatever is inserted here is passed on, and nothing stays.
CREATE TABLE IF NOT EXISTS torghut.quotes_records ON CLUSTER '{cluster}' (
    partition UInt32,
    offset UInt64,
    timestamp Int64 COMMENT 'Milliseconds since 1970.',
    key String,
    value String,
    value_b64 String COMMENT 'The value, where it is no text.'
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS torghut.quotes_log ON CLUSTER '{cluster}' (
    log_partition UInt32,
    log_offset UInt64,
    log_timestamp DateTime64(3, 'UTC'),
    key String,
    value String CODEC(ZSTD(3))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{cluster}/{shard}/quotes_log', '{replica}', log_timestamp)
PARTITION BY toMonday(if(log_timestamp BETWEEN '2020-01-01' AND '2089-12-31', log_timestamp, toDateTime64('2090-01-01', 3, 'UTC')))
ORDER BY (log_partition, log_offset)
TTL toDateTime(if(log_timestamp BETWEEN '2020-01-01' AND '2089-12-31', log_timestamp, toDateTime64('2090-01-01', 3, 'UTC'))) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1;

DROP VIEW IF EXISTS torghut.quotes_writer ON CLUSTER '{cluster}';
CREATE MATERIALIZED VIEW torghut.quotes_writer ON CLUSTER '{cluster}' TO torghut.quotes_log AS
SELECT
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.quotes_records
WHERE concat(value, value_b64) != '';

-- Each record once, however often it came.
CREATE OR REPLACE VIEW torghut.quotes ON CLUSTER '{cluster}' AS
SELECT * FROM torghut.quotes_log FINAL;
