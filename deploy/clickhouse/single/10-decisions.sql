-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- torghut.decisions.v1, keyed by symbol.

-- A record as `torghut log read` prints it; whatever is inserted here is passed on, and nothing stays.
CREATE TABLE IF NOT EXISTS torghut.decisions_records (
    partition UInt32,
    offset UInt64,
    timestamp Int64 COMMENT 'Milliseconds since 1970.',
    key String,
    value String,
    value_b64 String COMMENT 'The value, where it is no text.'
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS torghut.decisions_log (
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
ENGINE = ReplacingMergeTree(ingest_ts)
PARTITION BY toYYYYMM(if(event_ts BETWEEN '2020-01-01' AND '2089-12-31', event_ts, toDateTime64('2090-01-01', 3, 'UTC')))
ORDER BY (symbol, event_ts, event_id)
TTL toDateTime(if(ingest_ts BETWEEN '2020-01-01' AND '2089-12-31', ingest_ts, toDateTime64('2090-01-01', 3, 'UTC'))) + INTERVAL 84 MONTH
SETTINGS ttl_only_drop_parts = 1;

-- Fields of the payload; new ones come here and nowhere else, so that this file also brings an older table up to date.
ALTER TABLE torghut.decisions_log
    ADD COLUMN IF NOT EXISTS decision_hash String COMMENT 'The identity of the decision; see docs/identity.md.',
    ADD COLUMN IF NOT EXISTS strategy_id String COMMENT 'The strategy.',
    ADD COLUMN IF NOT EXISTS timeframe LowCardinality(String) COMMENT 'The bars it decided on.',
    ADD COLUMN IF NOT EXISTS action LowCardinality(String) COMMENT 'What it wants.',
    ADD COLUMN IF NOT EXISTS qty Nullable(Decimal(38, 9)) COMMENT 'Quantity; null for an order by notional.',
    ADD COLUMN IF NOT EXISTS notional Nullable(Decimal(38, 9)) COMMENT 'Notional of an order without quantity.',
    ADD COLUMN IF NOT EXISTS order_type LowCardinality(String) COMMENT 'How its price is found.',
    ADD COLUMN IF NOT EXISTS time_in_force LowCardinality(String) COMMENT 'How long it stands.',
    ADD COLUMN IF NOT EXISTS limit_price Nullable(Decimal(38, 9)) COMMENT 'Limit price.',
    ADD COLUMN IF NOT EXISTS stop_price Nullable(Decimal(38, 9)) COMMENT 'Stop price.',
    ADD COLUMN IF NOT EXISTS trail_price Nullable(Decimal(38, 9)) COMMENT 'Distance of a trailing stop.',
    ADD COLUMN IF NOT EXISTS trail_percent Nullable(Decimal(38, 9)) COMMENT 'Distance of a trailing stop.',
    ADD COLUMN IF NOT EXISTS extended_hours Nullable(Bool) COMMENT 'Whether it may trade outside regular hours.',
    ADD COLUMN IF NOT EXISTS rationale String COMMENT 'Why, in its own words.',
    ADD COLUMN IF NOT EXISTS reference_quote_bid Nullable(Decimal(38, 9)) COMMENT 'Best bid.',
    ADD COLUMN IF NOT EXISTS reference_quote_ask Nullable(Decimal(38, 9)) COMMENT 'Best ask.',
    ADD COLUMN IF NOT EXISTS reference_quote_bid_size Nullable(Decimal(38, 9)) COMMENT 'Size at the bid.',
    ADD COLUMN IF NOT EXISTS reference_quote_ask_size Nullable(Decimal(38, 9)) COMMENT 'Size at the ask.',
    ADD COLUMN IF NOT EXISTS reference_quote_quote_ts Nullable(DateTime64(9, 'UTC')) COMMENT 'When the quote was made.',
    ADD COLUMN IF NOT EXISTS reference_quote_source String COMMENT 'Where it came from.',
    ADD COLUMN IF NOT EXISTS arrival_price Nullable(Decimal(38, 9)) COMMENT 'The price its costs are measured against.',
    ADD COLUMN IF NOT EXISTS adapter_hint LowCardinality(String) COMMENT 'The adapter it would like.',
    ADD COLUMN IF NOT EXISTS max_slippage_bps Nullable(Decimal(38, 9)) COMMENT 'The slippage it tolerates.',
    ADD COLUMN IF NOT EXISTS expires_at Nullable(DateTime64(9, 'UTC')) COMMENT 'When it is too old to act on.',
    ADD INDEX IF NOT EXISTS log_offset_at log_offset TYPE minmax GRANULARITY 4,
    ADD INDEX IF NOT EXISTS decision_hash_at decision_hash TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS correlation_id_at correlation_id TYPE bloom_filter(0.01) GRANULARITY 4;

DROP VIEW IF EXISTS torghut.decisions_writer;
CREATE MATERIALIZED VIEW torghut.decisions_writer TO torghut.decisions_log AS
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
    p.`decision_hash` AS decision_hash,
    p.`strategy_id` AS strategy_id,
    p.`timeframe` AS timeframe,
    p.`action` AS action,
    toDecimal128OrNull(p.`qty`, 9) AS qty,
    toDecimal128OrNull(p.`notional`, 9) AS notional,
    p.`order_type` AS order_type,
    p.`time_in_force` AS time_in_force,
    toDecimal128OrNull(p.`limit_price`, 9) AS limit_price,
    toDecimal128OrNull(p.`stop_price`, 9) AS stop_price,
    toDecimal128OrNull(p.`trail_price`, 9) AS trail_price,
    toDecimal128OrNull(p.`trail_percent`, 9) AS trail_percent,
    p.`extended_hours` AS extended_hours,
    p.`rationale` AS rationale,
    toDecimal128OrNull(p.`reference_quote`.`bid`, 9) AS reference_quote_bid,
    toDecimal128OrNull(p.`reference_quote`.`ask`, 9) AS reference_quote_ask,
    toDecimal128OrNull(p.`reference_quote`.`bid_size`, 9) AS reference_quote_bid_size,
    toDecimal128OrNull(p.`reference_quote`.`ask_size`, 9) AS reference_quote_ask_size,
    parseDateTime64BestEffortOrNull(p.`reference_quote`.`quote_ts`, 9, 'UTC') AS reference_quote_quote_ts,
    p.`reference_quote`.`source` AS reference_quote_source,
    toDecimal128OrNull(p.`arrival_price`, 9) AS arrival_price,
    p.`adapter_hint` AS adapter_hint,
    toDecimal128OrNull(p.`max_slippage_bps`, 9) AS max_slippage_bps,
    parseDateTime64BestEffortOrNull(p.`expires_at`, 9, 'UTC') AS expires_at,
    arrayFilter(name -> name != '', [
        if(isNotNull(p.`qty`) AND isNull(toDecimal128OrNull(p.`qty`, 9)), 'qty', ''),
        if(isNotNull(p.`notional`) AND isNull(toDecimal128OrNull(p.`notional`, 9)), 'notional', ''),
        if(isNotNull(p.`limit_price`) AND isNull(toDecimal128OrNull(p.`limit_price`, 9)), 'limit_price', ''),
        if(isNotNull(p.`stop_price`) AND isNull(toDecimal128OrNull(p.`stop_price`, 9)), 'stop_price', ''),
        if(isNotNull(p.`trail_price`) AND isNull(toDecimal128OrNull(p.`trail_price`, 9)), 'trail_price', ''),
        if(isNotNull(p.`trail_percent`) AND isNull(toDecimal128OrNull(p.`trail_percent`, 9)), 'trail_percent', ''),
        if(isNotNull(p.`reference_quote`.`bid`) AND isNull(toDecimal128OrNull(p.`reference_quote`.`bid`, 9)), 'reference_quote_bid', ''),
        if(isNotNull(p.`reference_quote`.`ask`) AND isNull(toDecimal128OrNull(p.`reference_quote`.`ask`, 9)), 'reference_quote_ask', ''),
        if(isNotNull(p.`reference_quote`.`bid_size`) AND isNull(toDecimal128OrNull(p.`reference_quote`.`bid_size`, 9)), 'reference_quote_bid_size', ''),
        if(isNotNull(p.`reference_quote`.`ask_size`) AND isNull(toDecimal128OrNull(p.`reference_quote`.`ask_size`, 9)), 'reference_quote_ask_size', ''),
        if(isNotNull(p.`reference_quote`.`quote_ts`) AND isNull(parseDateTime64BestEffortOrNull(p.`reference_quote`.`quote_ts`, 9, 'UTC')), 'reference_quote_quote_ts', ''),
        if(isNotNull(p.`arrival_price`) AND isNull(toDecimal128OrNull(p.`arrival_price`, 9)), 'arrival_price', ''),
        if(isNotNull(p.`max_slippage_bps`) AND isNull(toDecimal128OrNull(p.`max_slippage_bps`, 9)), 'max_slippage_bps', ''),
        if(isNotNull(p.`expires_at`) AND isNull(parseDateTime64BestEffortOrNull(p.`expires_at`, 9, 'UTC')), 'expires_at', ''),
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
        JSONExtract(value, 'payload', 'Tuple(`decision_hash` String, `strategy_id` String, `timeframe` String, `action` String, `qty`
            Nullable(String), `notional` Nullable(String), `order_type` String, `time_in_force` String, `limit_price`
            Nullable(String), `stop_price` Nullable(String), `trail_price` Nullable(String), `trail_percent`
            Nullable(String), `extended_hours` Nullable(Bool), `rationale` String, `reference_quote` Tuple(`bid`
            Nullable(String), `ask` Nullable(String), `bid_size` Nullable(String), `ask_size` Nullable(String),
            `quote_ts` Nullable(String), `source` String), `arrival_price` Nullable(String), `adapter_hint` String,
            `max_slippage_bps` Nullable(String), `expires_at` Nullable(String))') AS p
    FROM torghut.decisions_records
    WHERE toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
) AS record;

-- Each event once, however often it came.
CREATE OR REPLACE VIEW torghut.decisions AS
SELECT * FROM torghut.decisions_log FINAL;

-- What is no event is kept too: nothing that came is lost.
DROP VIEW IF EXISTS torghut.decisions_unread_writer;
CREATE MATERIALIZED VIEW torghut.decisions_unread_writer TO torghut.unread_log AS
SELECT
    'torghut.decisions.v1' AS topic,
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.decisions_records
WHERE concat(value, value_b64) != '' AND NOT (
    toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
);
