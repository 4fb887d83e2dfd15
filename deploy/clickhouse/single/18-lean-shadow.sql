-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- torghut.lean.shadow.v1, keyed by symbol.

-- A record as `torghut log read` prints it; whatever is inserted here is passed on, and nothing stays.
CREATE TABLE IF NOT EXISTS torghut.lean_shadow_records (
    partition UInt32,
    offset UInt64,
    timestamp Int64 COMMENT 'Milliseconds since 1970.',
    key String,
    value String,
    value_b64 String COMMENT 'The value, where it is no text.'
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS torghut.lean_shadow_log (
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
ALTER TABLE torghut.lean_shadow_log
    ADD COLUMN IF NOT EXISTS intent_id Nullable(UUID) COMMENT 'The intent.',
    ADD COLUMN IF NOT EXISTS decision_hash String COMMENT 'The decision behind it.',
    ADD COLUMN IF NOT EXISTS execution_correlation_id String COMMENT 'The X-Correlation-ID of the call.',
    ADD COLUMN IF NOT EXISTS failure_taxonomy LowCardinality(String) COMMENT 'How it failed.',
    ADD COLUMN IF NOT EXISTS http_status Nullable(Int64) COMMENT 'Status of the answer.',
    ADD COLUMN IF NOT EXISTS reason String COMMENT 'The answer\'s own words.',
    ADD COLUMN IF NOT EXISTS attempt Nullable(Int64) COMMENT 'Which try it was, from 1.',
    ADD COLUMN IF NOT EXISTS latency_us Nullable(Int64) COMMENT 'How long it took.',
    ADD COLUMN IF NOT EXISTS simulated_event_id Nullable(UUID) COMMENT 'The simulation that is judged.',
    ADD COLUMN IF NOT EXISTS strategy_id String COMMENT 'Whose intent it was.',
    ADD COLUMN IF NOT EXISTS side LowCardinality(String) COMMENT 'Buy or sell.',
    ADD COLUMN IF NOT EXISTS execution_adapter LowCardinality(String) COMMENT 'The route that filled it.',
    ADD COLUMN IF NOT EXISTS qty Nullable(Decimal(38, 9)) COMMENT 'What was asked for.',
    ADD COLUMN IF NOT EXISTS filled_qty Nullable(Decimal(38, 9)) COMMENT 'What was filled.',
    ADD COLUMN IF NOT EXISTS simulated_fill_price Nullable(Decimal(38, 9)) COMMENT 'The simulated price.',
    ADD COLUMN IF NOT EXISTS actual_fill_price Nullable(Decimal(38, 9)) COMMENT 'Average of the real fills, weighed by quantity.',
    ADD COLUMN IF NOT EXISTS parity_delta_bps Nullable(Decimal(38, 9)) COMMENT 'The real price beside the simulated one, a cost when positive.',
    ADD COLUMN IF NOT EXISTS parity_limit_bps Nullable(Decimal(38, 9)) COMMENT 'How far apart they may be.',
    ADD COLUMN IF NOT EXISTS parity_status LowCardinality(String) COMMENT 'Whether that is within the limit.',
    ADD COLUMN IF NOT EXISTS revision Nullable(Int64) COMMENT 'Which judgement of this intent, from 1.',
    ADD COLUMN IF NOT EXISTS supersedes Nullable(UUID) COMMENT 'The judgement before.',
    ADD COLUMN IF NOT EXISTS notional Nullable(Decimal(38, 9)) COMMENT 'Notional of an order without quantity.',
    ADD COLUMN IF NOT EXISTS order_type LowCardinality(String) COMMENT 'How its price is found.',
    ADD COLUMN IF NOT EXISTS time_in_force LowCardinality(String) COMMENT 'How long it stands.',
    ADD COLUMN IF NOT EXISTS limit_price Nullable(Decimal(38, 9)) COMMENT 'Limit price.',
    ADD COLUMN IF NOT EXISTS stop_price Nullable(Decimal(38, 9)) COMMENT 'Stop price.',
    ADD COLUMN IF NOT EXISTS trail_price Nullable(Decimal(38, 9)) COMMENT 'Distance of a trailing stop.',
    ADD COLUMN IF NOT EXISTS trail_percent Nullable(Decimal(38, 9)) COMMENT 'Distance of a trailing stop.',
    ADD COLUMN IF NOT EXISTS extended_hours Nullable(Bool) COMMENT 'Whether it may trade outside regular hours.',
    ADD COLUMN IF NOT EXISTS intent_price Nullable(Decimal(38, 9)) COMMENT 'The price the intent had.',
    ADD COLUMN IF NOT EXISTS intent_notional Nullable(Decimal(38, 9)) COMMENT 'Quantity times that price.',
    ADD COLUMN IF NOT EXISTS simulated_slippage_bps Nullable(Decimal(38, 9)) COMMENT 'Its distance from the intent\'s price, a cost when positive.',
    ADD COLUMN IF NOT EXISTS authority_mode LowCardinality(String) COMMENT 'How much this proves.',
    ADD COLUMN IF NOT EXISTS blocking_reason String COMMENT 'What it must not be used for.',
    ADD COLUMN IF NOT EXISTS simulator_version String COMMENT 'Which simulator.',
    ADD COLUMN IF NOT EXISTS reference_quote_bid Nullable(Decimal(38, 9)) COMMENT 'Best bid.',
    ADD COLUMN IF NOT EXISTS reference_quote_ask Nullable(Decimal(38, 9)) COMMENT 'Best ask.',
    ADD COLUMN IF NOT EXISTS reference_quote_bid_size Nullable(Decimal(38, 9)) COMMENT 'Size at the bid.',
    ADD COLUMN IF NOT EXISTS reference_quote_ask_size Nullable(Decimal(38, 9)) COMMENT 'Size at the ask.',
    ADD COLUMN IF NOT EXISTS reference_quote_quote_ts Nullable(DateTime64(9, 'UTC')) COMMENT 'When the quote was made.',
    ADD COLUMN IF NOT EXISTS reference_quote_source String COMMENT 'Where it came from.',
    ADD INDEX IF NOT EXISTS log_offset_at log_offset TYPE minmax GRANULARITY 4,
    ADD INDEX IF NOT EXISTS decision_hash_at decision_hash TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS intent_id_at intent_id TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS correlation_id_at correlation_id TYPE bloom_filter(0.01) GRANULARITY 4;

DROP VIEW IF EXISTS torghut.lean_shadow_writer;
CREATE MATERIALIZED VIEW torghut.lean_shadow_writer TO torghut.lean_shadow_log AS
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
    toUUIDOrNull(p.`intent_id`) AS intent_id,
    p.`decision_hash` AS decision_hash,
    p.`execution_correlation_id` AS execution_correlation_id,
    p.`failure_taxonomy` AS failure_taxonomy,
    p.`http_status` AS http_status,
    p.`reason` AS reason,
    p.`attempt` AS attempt,
    p.`latency_us` AS latency_us,
    toUUIDOrNull(p.`simulated_event_id`) AS simulated_event_id,
    p.`strategy_id` AS strategy_id,
    p.`side` AS side,
    p.`execution_adapter` AS execution_adapter,
    toDecimal128OrNull(p.`qty`, 9) AS qty,
    toDecimal128OrNull(p.`filled_qty`, 9) AS filled_qty,
    toDecimal128OrNull(p.`simulated_fill_price`, 9) AS simulated_fill_price,
    toDecimal128OrNull(p.`actual_fill_price`, 9) AS actual_fill_price,
    toDecimal128OrNull(p.`parity_delta_bps`, 9) AS parity_delta_bps,
    toDecimal128OrNull(p.`parity_limit_bps`, 9) AS parity_limit_bps,
    p.`parity_status` AS parity_status,
    p.`revision` AS revision,
    toUUIDOrNull(p.`supersedes`) AS supersedes,
    toDecimal128OrNull(p.`notional`, 9) AS notional,
    p.`order_type` AS order_type,
    p.`time_in_force` AS time_in_force,
    toDecimal128OrNull(p.`limit_price`, 9) AS limit_price,
    toDecimal128OrNull(p.`stop_price`, 9) AS stop_price,
    toDecimal128OrNull(p.`trail_price`, 9) AS trail_price,
    toDecimal128OrNull(p.`trail_percent`, 9) AS trail_percent,
    p.`extended_hours` AS extended_hours,
    toDecimal128OrNull(p.`intent_price`, 9) AS intent_price,
    toDecimal128OrNull(p.`intent_notional`, 9) AS intent_notional,
    toDecimal128OrNull(p.`simulated_slippage_bps`, 9) AS simulated_slippage_bps,
    p.`authority_mode` AS authority_mode,
    p.`blocking_reason` AS blocking_reason,
    p.`simulator_version` AS simulator_version,
    toDecimal128OrNull(p.`reference_quote`.`bid`, 9) AS reference_quote_bid,
    toDecimal128OrNull(p.`reference_quote`.`ask`, 9) AS reference_quote_ask,
    toDecimal128OrNull(p.`reference_quote`.`bid_size`, 9) AS reference_quote_bid_size,
    toDecimal128OrNull(p.`reference_quote`.`ask_size`, 9) AS reference_quote_ask_size,
    parseDateTime64BestEffortOrNull(p.`reference_quote`.`quote_ts`, 9, 'UTC') AS reference_quote_quote_ts,
    p.`reference_quote`.`source` AS reference_quote_source,
    arrayFilter(name -> name != '', [
        if(isNotNull(p.`intent_id`) AND isNull(toUUIDOrNull(p.`intent_id`)), 'intent_id', ''),
        if(isNotNull(p.`simulated_event_id`) AND isNull(toUUIDOrNull(p.`simulated_event_id`)), 'simulated_event_id', ''),
        if(isNotNull(p.`qty`) AND isNull(toDecimal128OrNull(p.`qty`, 9)), 'qty', ''),
        if(isNotNull(p.`filled_qty`) AND isNull(toDecimal128OrNull(p.`filled_qty`, 9)), 'filled_qty', ''),
        if(isNotNull(p.`simulated_fill_price`) AND isNull(toDecimal128OrNull(p.`simulated_fill_price`, 9)), 'simulated_fill_price', ''),
        if(isNotNull(p.`actual_fill_price`) AND isNull(toDecimal128OrNull(p.`actual_fill_price`, 9)), 'actual_fill_price', ''),
        if(isNotNull(p.`parity_delta_bps`) AND isNull(toDecimal128OrNull(p.`parity_delta_bps`, 9)), 'parity_delta_bps', ''),
        if(isNotNull(p.`parity_limit_bps`) AND isNull(toDecimal128OrNull(p.`parity_limit_bps`, 9)), 'parity_limit_bps', ''),
        if(isNotNull(p.`supersedes`) AND isNull(toUUIDOrNull(p.`supersedes`)), 'supersedes', ''),
        if(isNotNull(p.`notional`) AND isNull(toDecimal128OrNull(p.`notional`, 9)), 'notional', ''),
        if(isNotNull(p.`limit_price`) AND isNull(toDecimal128OrNull(p.`limit_price`, 9)), 'limit_price', ''),
        if(isNotNull(p.`stop_price`) AND isNull(toDecimal128OrNull(p.`stop_price`, 9)), 'stop_price', ''),
        if(isNotNull(p.`trail_price`) AND isNull(toDecimal128OrNull(p.`trail_price`, 9)), 'trail_price', ''),
        if(isNotNull(p.`trail_percent`) AND isNull(toDecimal128OrNull(p.`trail_percent`, 9)), 'trail_percent', ''),
        if(isNotNull(p.`intent_price`) AND isNull(toDecimal128OrNull(p.`intent_price`, 9)), 'intent_price', ''),
        if(isNotNull(p.`intent_notional`) AND isNull(toDecimal128OrNull(p.`intent_notional`, 9)), 'intent_notional', ''),
        if(isNotNull(p.`simulated_slippage_bps`) AND isNull(toDecimal128OrNull(p.`simulated_slippage_bps`, 9)), 'simulated_slippage_bps', ''),
        if(isNotNull(p.`reference_quote`.`bid`) AND isNull(toDecimal128OrNull(p.`reference_quote`.`bid`, 9)), 'reference_quote_bid', ''),
        if(isNotNull(p.`reference_quote`.`ask`) AND isNull(toDecimal128OrNull(p.`reference_quote`.`ask`, 9)), 'reference_quote_ask', ''),
        if(isNotNull(p.`reference_quote`.`bid_size`) AND isNull(toDecimal128OrNull(p.`reference_quote`.`bid_size`, 9)), 'reference_quote_bid_size', ''),
        if(isNotNull(p.`reference_quote`.`ask_size`) AND isNull(toDecimal128OrNull(p.`reference_quote`.`ask_size`, 9)), 'reference_quote_ask_size', ''),
        if(isNotNull(p.`reference_quote`.`quote_ts`) AND isNull(parseDateTime64BestEffortOrNull(p.`reference_quote`.`quote_ts`, 9, 'UTC')), 'reference_quote_quote_ts', ''),
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
        JSONExtract(value, 'payload', 'Tuple(`intent_id` Nullable(String), `decision_hash` String, `execution_correlation_id` String,
            `failure_taxonomy` String, `http_status` Nullable(Int64), `reason` String, `attempt` Nullable(Int64),
            `latency_us` Nullable(Int64), `simulated_event_id` Nullable(String), `strategy_id` String, `side` String,
            `execution_adapter` String, `qty` Nullable(String), `filled_qty` Nullable(String), `simulated_fill_price`
            Nullable(String), `actual_fill_price` Nullable(String), `parity_delta_bps` Nullable(String),
            `parity_limit_bps` Nullable(String), `parity_status` String, `revision` Nullable(Int64), `supersedes`
            Nullable(String), `notional` Nullable(String), `order_type` String, `time_in_force` String, `limit_price`
            Nullable(String), `stop_price` Nullable(String), `trail_price` Nullable(String), `trail_percent`
            Nullable(String), `extended_hours` Nullable(Bool), `intent_price` Nullable(String), `intent_notional`
            Nullable(String), `simulated_slippage_bps` Nullable(String), `authority_mode` String, `blocking_reason`
            String, `simulator_version` String, `reference_quote` Tuple(`bid` Nullable(String), `ask`
            Nullable(String), `bid_size` Nullable(String), `ask_size` Nullable(String), `quote_ts` Nullable(String),
            `source` String))') AS p
    FROM torghut.lean_shadow_records
    WHERE toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
) AS record;

-- Each event once, however often it came.
CREATE OR REPLACE VIEW torghut.lean_shadow AS
SELECT * FROM torghut.lean_shadow_log FINAL;

-- What is no event is kept too: nothing that came is lost.
DROP VIEW IF EXISTS torghut.lean_shadow_unread_writer;
CREATE MATERIALIZED VIEW torghut.lean_shadow_unread_writer TO torghut.unread_log AS
SELECT
    'torghut.lean.shadow.v1' AS topic,
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.lean_shadow_records
WHERE concat(value, value_b64) != '' AND NOT (
    toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
);
