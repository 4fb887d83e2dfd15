-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- torghut.quarantine.v1, keyed by source.

-- A record as `torghut log read` prints it; whatever is inserted here is passed on, and nothing stays.
CREATE TABLE IF NOT EXISTS torghut.quarantine_records (
    partition UInt32,
    offset UInt64,
    timestamp Int64 COMMENT 'Milliseconds since 1970.',
    key String,
    value String,
    value_b64 String COMMENT 'The value, where it is no text.'
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS torghut.quarantine_log (
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
    source_topic String COMMENT 'The record.',
    unread_fields Array(LowCardinality(String)) COMMENT 'What is in payload and has no such type.'
)
ENGINE = ReplacingMergeTree(ingest_ts)
PARTITION BY toYYYYMM(if(event_ts BETWEEN '2020-01-01' AND '2089-12-31', event_ts, toDateTime64('2090-01-01', 3, 'UTC')))
ORDER BY (source_topic, event_ts, event_id)
TTL toDateTime(if(ingest_ts BETWEEN '2020-01-01' AND '2089-12-31', ingest_ts, toDateTime64('2090-01-01', 3, 'UTC'))) + INTERVAL 84 MONTH
SETTINGS ttl_only_drop_parts = 1;

-- Fields of the payload; new ones come here and nowhere else, so that this file also brings an older table up to date.
ALTER TABLE torghut.quarantine_log
    ADD COLUMN IF NOT EXISTS projection String COMMENT 'The projection or role that parked it.',
    ADD COLUMN IF NOT EXISTS projection_version Nullable(Int64) COMMENT 'Its version.',
    ADD COLUMN IF NOT EXISTS source_partition Nullable(Int64) COMMENT 'The record.',
    ADD COLUMN IF NOT EXISTS source_offset Nullable(Int64) COMMENT 'The record.',
    ADD COLUMN IF NOT EXISTS park_reason LowCardinality(String) COMMENT 'Why.',
    ADD COLUMN IF NOT EXISTS payload_event_type String COMMENT 'Its type, if that could be read.',
    ADD COLUMN IF NOT EXISTS event_version Nullable(Int64) COMMENT 'Its version, if that could be read.',
    ADD COLUMN IF NOT EXISTS error_path String COMMENT 'The field that is wrong.',
    ADD COLUMN IF NOT EXISTS detail String COMMENT 'What is wrong with it.',
    ADD COLUMN IF NOT EXISTS record_bytes Nullable(Int64) COMMENT 'How many it has.',
    ADD COLUMN IF NOT EXISTS record_truncated Nullable(Bool) COMMENT 'Whether record_value holds only the first of them.',
    ADD COLUMN IF NOT EXISTS record_sha256 String COMMENT 'What all of them hash to.',
    ADD COLUMN IF NOT EXISTS record_timestamp Nullable(DateTime64(9, 'UTC')) COMMENT 'The record\'s own time.',
    ADD INDEX IF NOT EXISTS log_offset_at log_offset TYPE minmax GRANULARITY 4,
    ADD INDEX IF NOT EXISTS correlation_id_at correlation_id TYPE bloom_filter(0.01) GRANULARITY 4;

DROP VIEW IF EXISTS torghut.quarantine_writer;
CREATE MATERIALIZED VIEW torghut.quarantine_writer TO torghut.quarantine_log AS
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
    p.`projection` AS projection,
    p.`projection_version` AS projection_version,
    p.`source_topic` AS source_topic,
    p.`source_partition` AS source_partition,
    p.`source_offset` AS source_offset,
    p.`park_reason` AS park_reason,
    p.`event_type` AS payload_event_type,
    p.`event_version` AS event_version,
    p.`error_path` AS error_path,
    p.`detail` AS detail,
    p.`record_bytes` AS record_bytes,
    p.`record_truncated` AS record_truncated,
    p.`record_sha256` AS record_sha256,
    parseDateTime64BestEffortOrNull(p.`record_timestamp`, 9, 'UTC') AS record_timestamp,
    arrayFilter(name -> name != '', [
        if(isNotNull(p.`record_timestamp`) AND isNull(parseDateTime64BestEffortOrNull(p.`record_timestamp`, 9, 'UTC')), 'record_timestamp', ''),
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
        JSONExtract(value, 'payload', 'Tuple(`projection` String, `projection_version` Nullable(Int64), `source_topic` String,
            `source_partition` Nullable(Int64), `source_offset` Nullable(Int64), `park_reason` String, `event_type`
            String, `event_version` Nullable(Int64), `error_path` String, `detail` String, `record_bytes`
            Nullable(Int64), `record_truncated` Nullable(Bool), `record_sha256` String, `record_timestamp`
            Nullable(String))') AS p
    FROM torghut.quarantine_records
    WHERE toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
) AS record;

-- Each event once, however often it came.
CREATE OR REPLACE VIEW torghut.quarantine AS
SELECT * FROM torghut.quarantine_log FINAL;

-- What is no event is kept too: nothing that came is lost.
DROP VIEW IF EXISTS torghut.quarantine_unread_writer;
CREATE MATERIALIZED VIEW torghut.quarantine_unread_writer TO torghut.unread_log AS
SELECT
    'torghut.quarantine.v1' AS topic,
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.quarantine_records
WHERE concat(value, value_b64) != '' AND NOT (
    toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
);
