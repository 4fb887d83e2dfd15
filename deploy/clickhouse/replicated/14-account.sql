-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- torghut.account.v1, keyed by account_label.

-- A record as `torghut log read` prints it; whatever is inserted here is passed on, and nothing stays.
CREATE TABLE IF NOT EXISTS torghut.account_records ON CLUSTER '{cluster}' (
    partition UInt32,
    offset UInt64,
    timestamp Int64 COMMENT 'Milliseconds since 1970.',
    key String,
    value String,
    value_b64 String COMMENT 'The value, where it is no text.'
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS torghut.account_log ON CLUSTER '{cluster}' (
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
    unread_fields Array(LowCardinality(String)) COMMENT 'What is in payload and has no such type.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{cluster}/{shard}/account_log', '{replica}', ingest_ts)
PARTITION BY toYYYYMM(if(event_ts BETWEEN '2020-01-01' AND '2089-12-31', event_ts, toDateTime64('2090-01-01', 3, 'UTC')))
ORDER BY (account_label, event_ts, event_id)
TTL toDateTime(if(ingest_ts BETWEEN '2020-01-01' AND '2089-12-31', ingest_ts, toDateTime64('2090-01-01', 3, 'UTC'))) + INTERVAL 84 MONTH
SETTINGS ttl_only_drop_parts = 1;

-- Fields of the payload; new ones come here and nowhere else, so that this file also brings an older table up to date.
ALTER TABLE torghut.account_log ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS as_of Nullable(DateTime64(9, 'UTC')) COMMENT 'When.',
    ADD COLUMN IF NOT EXISTS trading_mode LowCardinality(String) COMMENT 'Paper or live.',
    ADD COLUMN IF NOT EXISTS currency String COMMENT 'Its currency.',
    ADD COLUMN IF NOT EXISTS equity Nullable(Decimal(38, 9)) COMMENT 'Equity.',
    ADD COLUMN IF NOT EXISTS cash Nullable(Decimal(38, 9)) COMMENT 'Cash.',
    ADD COLUMN IF NOT EXISTS buying_power Nullable(Decimal(38, 9)) COMMENT 'Buying power.',
    ADD COLUMN IF NOT EXISTS multiplier Nullable(Decimal(38, 9)) COMMENT 'Margin multiplier.',
    ADD COLUMN IF NOT EXISTS trading_blocked Nullable(Bool) COMMENT 'Whether it may not trade.',
    ADD COLUMN IF NOT EXISTS account_blocked Nullable(Bool) COMMENT 'Whether it is blocked.',
    ADD COLUMN IF NOT EXISTS shorting_enabled Nullable(Bool) COMMENT 'Whether it may sell short.',
    ADD COLUMN IF NOT EXISTS pattern_day_trader Nullable(Bool) COMMENT 'Whether it is flagged so.',
    ADD COLUMN IF NOT EXISTS status String COMMENT 'Alpaca\'s word for it.',
    ADD COLUMN IF NOT EXISTS complete Nullable(Bool) COMMENT 'Whether all positions were read.',
    ADD INDEX IF NOT EXISTS log_offset_at log_offset TYPE minmax GRANULARITY 4,
    ADD INDEX IF NOT EXISTS correlation_id_at correlation_id TYPE bloom_filter(0.01) GRANULARITY 4;

DROP VIEW IF EXISTS torghut.account_writer ON CLUSTER '{cluster}';
CREATE MATERIALIZED VIEW torghut.account_writer ON CLUSTER '{cluster}' TO torghut.account_log AS
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
    parseDateTime64BestEffortOrNull(p.`as_of`, 9, 'UTC') AS as_of,
    p.`trading_mode` AS trading_mode,
    p.`currency` AS currency,
    toDecimal128OrNull(p.`equity`, 9) AS equity,
    toDecimal128OrNull(p.`cash`, 9) AS cash,
    toDecimal128OrNull(p.`buying_power`, 9) AS buying_power,
    toDecimal128OrNull(p.`multiplier`, 9) AS multiplier,
    p.`trading_blocked` AS trading_blocked,
    p.`account_blocked` AS account_blocked,
    p.`shorting_enabled` AS shorting_enabled,
    p.`pattern_day_trader` AS pattern_day_trader,
    p.`status` AS status,
    p.`complete` AS complete,
    arrayFilter(name -> name != '', [
        if(isNotNull(p.`as_of`) AND isNull(parseDateTime64BestEffortOrNull(p.`as_of`, 9, 'UTC')), 'as_of', ''),
        if(isNotNull(p.`equity`) AND isNull(toDecimal128OrNull(p.`equity`, 9)), 'equity', ''),
        if(isNotNull(p.`cash`) AND isNull(toDecimal128OrNull(p.`cash`, 9)), 'cash', ''),
        if(isNotNull(p.`buying_power`) AND isNull(toDecimal128OrNull(p.`buying_power`, 9)), 'buying_power', ''),
        if(isNotNull(p.`multiplier`) AND isNull(toDecimal128OrNull(p.`multiplier`, 9)), 'multiplier', ''),
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
        JSONExtract(value, 'payload', 'Tuple(`as_of` Nullable(String), `trading_mode` String, `currency` String, `equity` Nullable(String),
            `cash` Nullable(String), `buying_power` Nullable(String), `multiplier` Nullable(String),
            `trading_blocked` Nullable(Bool), `account_blocked` Nullable(Bool), `shorting_enabled` Nullable(Bool),
            `pattern_day_trader` Nullable(Bool), `status` String, `complete` Nullable(Bool))') AS p
    FROM torghut.account_records
    WHERE toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
) AS record;

-- Each event once, however often it came.
CREATE OR REPLACE VIEW torghut.account ON CLUSTER '{cluster}' AS
SELECT * FROM torghut.account_log FINAL;

-- What is no event is kept too: nothing that came is lost.
DROP VIEW IF EXISTS torghut.account_unread_writer ON CLUSTER '{cluster}';
CREATE MATERIALIZED VIEW torghut.account_unread_writer ON CLUSTER '{cluster}' TO torghut.unread_log AS
SELECT
    'torghut.account.v1' AS topic,
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.account_records
WHERE concat(value, value_b64) != '' AND NOT (
    toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
);
