-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- torghut.lean.backtests.v1, keyed by backtest_id.

-- A record as `torghut log read` prints it; whatever is inserted here is passed on, and nothing stays.
CREATE TABLE IF NOT EXISTS torghut.lean_backtests_records ON CLUSTER '{cluster}' (
    partition UInt32,
    offset UInt64,
    timestamp Int64 COMMENT 'Milliseconds since 1970.',
    key String,
    value String,
    value_b64 String COMMENT 'The value, where it is no text.'
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS torghut.lean_backtests_log ON CLUSTER '{cluster}' (
    event_id UUID,
    event_type LowCardinality(String),
    version UInt16,
    event_ts DateTime64(9, 'UTC'),
    ingest_ts DateTime64(9, 'UTC'),
    account_label LowCardinality(String),
    symbol LowCardinality(String),
    seq Int64,
    source LowCardinality(String),
    correlation_id Nullable(UUID),
    causation_id Nullable(UUID),
    cause String,
    window_size LowCardinality(String),
    window_step LowCardinality(String),
    window_start Nullable(DateTime64(9, 'UTC')),
    window_end Nullable(DateTime64(9, 'UTC')),
    log_partition UInt32,
    log_offset UInt64,
    log_timestamp DateTime64(3, 'UTC'),
    payload String CODEC(ZSTD(3)),
    backtest_id String COMMENT 'The first 20 digits of a hash over lane and configuration.',
    unread_fields Array(LowCardinality(String)) COMMENT 'What is in payload and has no such type.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{cluster}/{shard}/lean_backtests_log', '{replica}', ingest_ts)
PARTITION BY toYYYYMM(if(event_ts BETWEEN '2020-01-01' AND '2089-12-31', event_ts, toDateTime64('2090-01-01', 3, 'UTC')))
ORDER BY (backtest_id, event_ts, event_id)
TTL toDateTime(if(ingest_ts BETWEEN '2020-01-01' AND '2089-12-31', ingest_ts, toDateTime64('2090-01-01', 3, 'UTC'))) + INTERVAL 84 MONTH
SETTINGS ttl_only_drop_parts = 1;

-- Fields of the payload; new ones come here and nowhere else, so that this file also brings an older table up to date.
ALTER TABLE torghut.lean_backtests_log ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS lane String COMMENT 'The lane it was asked for.',
    ADD COLUMN IF NOT EXISTS requested_by String COMMENT 'Who asked.',
    ADD COLUMN IF NOT EXISTS status LowCardinality(String) COMMENT 'Where it is.',
    ADD COLUMN IF NOT EXISTS reproducibility_hash String COMMENT 'What the configuration hashes to.',
    ADD COLUMN IF NOT EXISTS submitted_at Nullable(DateTime64(9, 'UTC')) COMMENT 'When it was asked for.',
    ADD COLUMN IF NOT EXISTS started_at Nullable(DateTime64(9, 'UTC')) COMMENT 'When it started.',
    ADD COLUMN IF NOT EXISTS completed_at Nullable(DateTime64(9, 'UTC')) COMMENT 'When it ended.',
    ADD COLUMN IF NOT EXISTS replay_hash String COMMENT 'What the result hashes to.',
    ADD COLUMN IF NOT EXISTS deterministic_replay_passed Nullable(Bool) COMMENT 'Whether two runs agreed.',
    ADD COLUMN IF NOT EXISTS authority_mode LowCardinality(String) COMMENT 'How much the result proves.',
    ADD COLUMN IF NOT EXISTS failure_taxonomy LowCardinality(String) COMMENT 'How it failed.',
    ADD COLUMN IF NOT EXISTS reason String COMMENT 'In the runner\'s words.',
    ADD COLUMN IF NOT EXISTS execution_correlation_id String COMMENT 'The X-Correlation-ID of the call.',
    ADD INDEX IF NOT EXISTS log_offset_at log_offset TYPE minmax GRANULARITY 4,
    ADD INDEX IF NOT EXISTS correlation_id_at correlation_id TYPE bloom_filter(0.01) GRANULARITY 4;

DROP VIEW IF EXISTS torghut.lean_backtests_writer ON CLUSTER '{cluster}';
CREATE MATERIALIZED VIEW torghut.lean_backtests_writer ON CLUSTER '{cluster}' TO torghut.lean_backtests_log AS
SELECT
    toUUIDOrZero(ifNull(e.event_id, '')) AS event_id,
    e.event_type AS event_type,
    e.version AS version,
    parseDateTime64BestEffortOrZero(ifNull(e.event_ts, ''), 9, 'UTC') AS event_ts,
    parseDateTime64BestEffortOrZero(ifNull(e.ingest_ts, ''), 9, 'UTC') AS ingest_ts,
    e.account_label AS account_label,
    e.symbol AS symbol,
    e.seq AS seq,
    e.source AS source,
    toUUIDOrNull(e.correlation_id) AS correlation_id,
    toUUIDOrNull(e.causation_id) AS causation_id,
    e.cause AS cause,
    e.`window`.size AS window_size,
    e.`window`.step AS window_step,
    parseDateTime64BestEffortOrNull(e.`window`.`start`, 9, 'UTC') AS window_start,
    parseDateTime64BestEffortOrNull(e.`window`.`end`, 9, 'UTC') AS window_end,
    record.partition AS log_partition,
    record.offset AS log_offset,
    fromUnixTimestamp64Milli(record.timestamp, 'UTC') AS log_timestamp,
    record.raw AS payload,
    p.`backtest_id` AS backtest_id,
    p.`lane` AS lane,
    p.`requested_by` AS requested_by,
    p.`status` AS status,
    p.`reproducibility_hash` AS reproducibility_hash,
    parseDateTime64BestEffortOrNull(p.`submitted_at`, 9, 'UTC') AS submitted_at,
    parseDateTime64BestEffortOrNull(p.`started_at`, 9, 'UTC') AS started_at,
    parseDateTime64BestEffortOrNull(p.`completed_at`, 9, 'UTC') AS completed_at,
    p.`replay_hash` AS replay_hash,
    p.`deterministic_replay_passed` AS deterministic_replay_passed,
    p.`authority_mode` AS authority_mode,
    p.`failure_taxonomy` AS failure_taxonomy,
    p.`reason` AS reason,
    p.`execution_correlation_id` AS execution_correlation_id,
    arrayFilter(name -> name != '', [
        if(isNotNull(p.`submitted_at`) AND isNull(parseDateTime64BestEffortOrNull(p.`submitted_at`, 9, 'UTC')), 'submitted_at', ''),
        if(isNotNull(p.`started_at`) AND isNull(parseDateTime64BestEffortOrNull(p.`started_at`, 9, 'UTC')), 'started_at', ''),
        if(isNotNull(p.`completed_at`) AND isNull(parseDateTime64BestEffortOrNull(p.`completed_at`, 9, 'UTC')), 'completed_at', ''),
        if(isNull(toUUIDOrNull(e.correlation_id)), 'correlation_id', '')
    ]) AS unread_fields
FROM (
    SELECT
        partition, offset, timestamp,
        JSONExtractRaw(value, 'payload') AS raw,
        JSONExtract(value, 'Tuple(event_id Nullable(String), event_type String, version UInt16, event_ts Nullable(String), ingest_ts
            Nullable(String), account_label String, symbol String, seq Int64, source String, correlation_id
            Nullable(String), causation_id Nullable(String), cause String, `window` Tuple(size String, step String,
            `start` Nullable(String), `end` Nullable(String)))') AS e,
        JSONExtract(value, 'payload', 'Tuple(`backtest_id` String, `lane` String, `requested_by` String, `status` String, `reproducibility_hash`
            String, `submitted_at` Nullable(String), `started_at` Nullable(String), `completed_at` Nullable(String),
            `replay_hash` String, `deterministic_replay_passed` Nullable(Bool), `authority_mode` String,
            `failure_taxonomy` String, `reason` String, `execution_correlation_id` String)') AS p
    FROM torghut.lean_backtests_records
    WHERE toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
) AS record;

-- Each event once, however often it came.
CREATE OR REPLACE VIEW torghut.lean_backtests ON CLUSTER '{cluster}' AS
SELECT * FROM torghut.lean_backtests_log FINAL;

-- What is no event is kept too: nothing that came is lost.
DROP VIEW IF EXISTS torghut.lean_backtests_unread_writer ON CLUSTER '{cluster}';
CREATE MATERIALIZED VIEW torghut.lean_backtests_unread_writer ON CLUSTER '{cluster}' TO torghut.unread_log AS
SELECT
    'torghut.lean.backtests.v1' AS topic,
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.lean_backtests_records
WHERE concat(value, value_b64) != '' AND NOT (
    toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
);
