-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- torghut.order-events.v1, keyed by symbol.

-- A record as `torghut log read` prints it; whatever is inserted here is passed on, and nothing stays.
CREATE TABLE IF NOT EXISTS torghut.order_events_records (
    partition UInt32,
    offset UInt64,
    timestamp Int64 COMMENT 'Milliseconds since 1970.',
    key String,
    value String,
    value_b64 String COMMENT 'The value, where it is no text.'
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS torghut.order_events_log (
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
ALTER TABLE torghut.order_events_log
    ADD COLUMN IF NOT EXISTS event_fingerprint String COMMENT 'What makes it the same update on every topic.',
    ADD COLUMN IF NOT EXISTS source_topic String COMMENT 'Where it was read.',
    ADD COLUMN IF NOT EXISTS source_partition Nullable(Int64) COMMENT 'Where it was read.',
    ADD COLUMN IF NOT EXISTS source_offset Nullable(Int64) COMMENT 'Where it was read.',
    ADD COLUMN IF NOT EXISTS feed_seq Nullable(Int64) COMMENT 'The forwarder\'s number: restarts, so it orders nothing alone.',
    ADD COLUMN IF NOT EXISTS update_shape LowCardinality(String) COMMENT 'The shape it came in.',
    ADD COLUMN IF NOT EXISTS account_label_origin LowCardinality(String) COMMENT 'Where its account label was found.',
    ADD COLUMN IF NOT EXISTS payload_event_type String COMMENT 'Alpaca\'s event; null for a bare order.',
    ADD COLUMN IF NOT EXISTS status String COMMENT 'Alpaca\'s order status.',
    ADD COLUMN IF NOT EXISTS broker_event_ts Nullable(DateTime64(9, 'UTC')) COMMENT 'Alpaca\'s time of the event.',
    ADD COLUMN IF NOT EXISTS alpaca_order_id String COMMENT 'The broker\'s id.',
    ADD COLUMN IF NOT EXISTS client_order_id String COMMENT 'The id the order was sent with.',
    ADD COLUMN IF NOT EXISTS execution_id String COMMENT 'The slice\'s own id.',
    ADD COLUMN IF NOT EXISTS side LowCardinality(String) COMMENT 'Buy or sell.',
    ADD COLUMN IF NOT EXISTS order_type String COMMENT 'Alpaca\'s order type.',
    ADD COLUMN IF NOT EXISTS time_in_force String COMMENT 'Alpaca\'s time in force.',
    ADD COLUMN IF NOT EXISTS qty Nullable(Decimal(38, 9)) COMMENT 'The order\'s quantity; null for an order by notional.',
    ADD COLUMN IF NOT EXISTS notional Nullable(Decimal(38, 9)) COMMENT 'The order\'s notional.',
    ADD COLUMN IF NOT EXISTS limit_price Nullable(Decimal(38, 9)) COMMENT 'Limit price.',
    ADD COLUMN IF NOT EXISTS stop_price Nullable(Decimal(38, 9)) COMMENT 'Stop price.',
    ADD COLUMN IF NOT EXISTS filled_qty Nullable(Decimal(38, 9)) COMMENT 'Filled so far.',
    ADD COLUMN IF NOT EXISTS avg_fill_price Nullable(Decimal(38, 9)) COMMENT 'Average price so far.',
    ADD COLUMN IF NOT EXISTS fill_qty Nullable(Decimal(38, 9)) COMMENT 'This slice.',
    ADD COLUMN IF NOT EXISTS fill_price Nullable(Decimal(38, 9)) COMMENT 'This slice\'s price.',
    ADD COLUMN IF NOT EXISTS position_qty Nullable(Decimal(38, 9)) COMMENT 'The position afterwards, signed.',
    ADD COLUMN IF NOT EXISTS filled_qty_delta Nullable(Decimal(38, 9)) COMMENT 'What this update adds.',
    ADD COLUMN IF NOT EXISTS fill_quantity_basis LowCardinality(String) COMMENT 'Where that comes from.',
    ADD COLUMN IF NOT EXISTS replaces String COMMENT 'The order it replaces.',
    ADD COLUMN IF NOT EXISTS replaced_by String COMMENT 'The order that replaces it.',
    ADD COLUMN IF NOT EXISTS classification LowCardinality(String) COMMENT 'What was made of it.',
    ADD COLUMN IF NOT EXISTS classification_reason String COMMENT 'Why.',
    ADD COLUMN IF NOT EXISTS decision_hash String COMMENT 'The decision it belongs to, if it is ours.',
    ADD COLUMN IF NOT EXISTS intent_id Nullable(UUID) COMMENT 'The intent it belongs to.',
    ADD COLUMN IF NOT EXISTS attempt_id Nullable(UUID) COMMENT 'The attempt it belongs to.',
    ADD COLUMN IF NOT EXISTS discrepancy_id Nullable(UUID) COMMENT 'This discrepancy.',
    ADD COLUMN IF NOT EXISTS kind LowCardinality(String) COMMENT 'What does not fit.',
    ADD COLUMN IF NOT EXISTS severity LowCardinality(String) COMMENT 'How bad.',
    ADD COLUMN IF NOT EXISTS expected String COMMENT 'What we believed.',
    ADD COLUMN IF NOT EXISTS observed String COMMENT 'What was seen.',
    ADD COLUMN IF NOT EXISTS difference Nullable(Decimal(38, 9)) COMMENT 'By how much, where it is a number.',
    ADD COLUMN IF NOT EXISTS detected_by String COMMENT 'Which check.',
    ADD COLUMN IF NOT EXISTS resolution LowCardinality(String) COMMENT 'How it ended.',
    ADD COLUMN IF NOT EXISTS actor String COMMENT 'Who ended it.',
    ADD COLUMN IF NOT EXISTS reason String COMMENT 'Why.',
    ADD COLUMN IF NOT EXISTS observed_by LowCardinality(String) COMMENT 'How.',
    ADD COLUMN IF NOT EXISTS observed_at Nullable(DateTime64(9, 'UTC')) COMMENT 'When.',
    ADD COLUMN IF NOT EXISTS broker_updated_at Nullable(DateTime64(9, 'UTC')) COMMENT 'When the broker last changed it.',
    ADD COLUMN IF NOT EXISTS execution_expected_adapter LowCardinality(String) COMMENT 'Where the policy had sent it.',
    ADD COLUMN IF NOT EXISTS execution_adapter LowCardinality(String) COMMENT 'Where it went.',
    ADD COLUMN IF NOT EXISTS execution_fallback_reason String COMMENT 'Why it went elsewhere.',
    ADD INDEX IF NOT EXISTS log_offset_at log_offset TYPE minmax GRANULARITY 4,
    ADD INDEX IF NOT EXISTS decision_hash_at decision_hash TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS client_order_id_at client_order_id TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS intent_id_at intent_id TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS attempt_id_at attempt_id TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS alpaca_order_id_at alpaca_order_id TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS correlation_id_at correlation_id TYPE bloom_filter(0.01) GRANULARITY 4;

DROP VIEW IF EXISTS torghut.order_events_writer;
CREATE MATERIALIZED VIEW torghut.order_events_writer TO torghut.order_events_log AS
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
    p.`event_fingerprint` AS event_fingerprint,
    p.`source_topic` AS source_topic,
    p.`source_partition` AS source_partition,
    p.`source_offset` AS source_offset,
    p.`feed_seq` AS feed_seq,
    p.`update_shape` AS update_shape,
    p.`account_label_origin` AS account_label_origin,
    p.`event_type` AS payload_event_type,
    p.`status` AS status,
    parseDateTime64BestEffortOrNull(p.`broker_event_ts`, 9, 'UTC') AS broker_event_ts,
    p.`alpaca_order_id` AS alpaca_order_id,
    p.`client_order_id` AS client_order_id,
    p.`execution_id` AS execution_id,
    p.`side` AS side,
    p.`order_type` AS order_type,
    p.`time_in_force` AS time_in_force,
    toDecimal128OrNull(p.`qty`, 9) AS qty,
    toDecimal128OrNull(p.`notional`, 9) AS notional,
    toDecimal128OrNull(p.`limit_price`, 9) AS limit_price,
    toDecimal128OrNull(p.`stop_price`, 9) AS stop_price,
    toDecimal128OrNull(p.`filled_qty`, 9) AS filled_qty,
    toDecimal128OrNull(p.`avg_fill_price`, 9) AS avg_fill_price,
    toDecimal128OrNull(p.`fill_qty`, 9) AS fill_qty,
    toDecimal128OrNull(p.`fill_price`, 9) AS fill_price,
    toDecimal128OrNull(p.`position_qty`, 9) AS position_qty,
    toDecimal128OrNull(p.`filled_qty_delta`, 9) AS filled_qty_delta,
    p.`fill_quantity_basis` AS fill_quantity_basis,
    p.`replaces` AS replaces,
    p.`replaced_by` AS replaced_by,
    p.`classification` AS classification,
    p.`classification_reason` AS classification_reason,
    p.`decision_hash` AS decision_hash,
    toUUIDOrNull(p.`intent_id`) AS intent_id,
    toUUIDOrNull(p.`attempt_id`) AS attempt_id,
    toUUIDOrNull(p.`discrepancy_id`) AS discrepancy_id,
    p.`kind` AS kind,
    p.`severity` AS severity,
    p.`expected` AS expected,
    p.`observed` AS observed,
    toDecimal128OrNull(p.`difference`, 9) AS difference,
    p.`detected_by` AS detected_by,
    p.`resolution` AS resolution,
    p.`actor` AS actor,
    p.`reason` AS reason,
    p.`observed_by` AS observed_by,
    parseDateTime64BestEffortOrNull(p.`observed_at`, 9, 'UTC') AS observed_at,
    parseDateTime64BestEffortOrNull(p.`broker_updated_at`, 9, 'UTC') AS broker_updated_at,
    p.`execution_expected_adapter` AS execution_expected_adapter,
    p.`execution_adapter` AS execution_adapter,
    p.`execution_fallback_reason` AS execution_fallback_reason,
    arrayFilter(name -> name != '', [
        if(isNotNull(p.`broker_event_ts`) AND isNull(parseDateTime64BestEffortOrNull(p.`broker_event_ts`, 9, 'UTC')), 'broker_event_ts', ''),
        if(isNotNull(p.`qty`) AND isNull(toDecimal128OrNull(p.`qty`, 9)), 'qty', ''),
        if(isNotNull(p.`notional`) AND isNull(toDecimal128OrNull(p.`notional`, 9)), 'notional', ''),
        if(isNotNull(p.`limit_price`) AND isNull(toDecimal128OrNull(p.`limit_price`, 9)), 'limit_price', ''),
        if(isNotNull(p.`stop_price`) AND isNull(toDecimal128OrNull(p.`stop_price`, 9)), 'stop_price', ''),
        if(isNotNull(p.`filled_qty`) AND isNull(toDecimal128OrNull(p.`filled_qty`, 9)), 'filled_qty', ''),
        if(isNotNull(p.`avg_fill_price`) AND isNull(toDecimal128OrNull(p.`avg_fill_price`, 9)), 'avg_fill_price', ''),
        if(isNotNull(p.`fill_qty`) AND isNull(toDecimal128OrNull(p.`fill_qty`, 9)), 'fill_qty', ''),
        if(isNotNull(p.`fill_price`) AND isNull(toDecimal128OrNull(p.`fill_price`, 9)), 'fill_price', ''),
        if(isNotNull(p.`position_qty`) AND isNull(toDecimal128OrNull(p.`position_qty`, 9)), 'position_qty', ''),
        if(isNotNull(p.`filled_qty_delta`) AND isNull(toDecimal128OrNull(p.`filled_qty_delta`, 9)), 'filled_qty_delta', ''),
        if(isNotNull(p.`intent_id`) AND isNull(toUUIDOrNull(p.`intent_id`)), 'intent_id', ''),
        if(isNotNull(p.`attempt_id`) AND isNull(toUUIDOrNull(p.`attempt_id`)), 'attempt_id', ''),
        if(isNotNull(p.`discrepancy_id`) AND isNull(toUUIDOrNull(p.`discrepancy_id`)), 'discrepancy_id', ''),
        if(isNotNull(p.`difference`) AND isNull(toDecimal128OrNull(p.`difference`, 9)), 'difference', ''),
        if(isNotNull(p.`observed_at`) AND isNull(parseDateTime64BestEffortOrNull(p.`observed_at`, 9, 'UTC')), 'observed_at', ''),
        if(isNotNull(p.`broker_updated_at`) AND isNull(parseDateTime64BestEffortOrNull(p.`broker_updated_at`, 9, 'UTC')), 'broker_updated_at', ''),
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
        JSONExtract(value, 'payload', 'Tuple(`event_fingerprint` String, `source_topic` String, `source_partition` Nullable(Int64),
            `source_offset` Nullable(Int64), `feed_seq` Nullable(Int64), `update_shape` String,
            `account_label_origin` String, `event_type` String, `status` String, `broker_event_ts` Nullable(String),
            `alpaca_order_id` String, `client_order_id` String, `execution_id` String, `side` String, `order_type`
            String, `time_in_force` String, `qty` Nullable(String), `notional` Nullable(String), `limit_price`
            Nullable(String), `stop_price` Nullable(String), `filled_qty` Nullable(String), `avg_fill_price`
            Nullable(String), `fill_qty` Nullable(String), `fill_price` Nullable(String), `position_qty`
            Nullable(String), `filled_qty_delta` Nullable(String), `fill_quantity_basis` String, `replaces` String,
            `replaced_by` String, `classification` String, `classification_reason` String, `decision_hash` String,
            `intent_id` Nullable(String), `attempt_id` Nullable(String), `discrepancy_id` Nullable(String), `kind`
            String, `severity` String, `expected` String, `observed` String, `difference` Nullable(String),
            `detected_by` String, `resolution` String, `actor` String, `reason` String, `observed_by` String,
            `observed_at` Nullable(String), `broker_updated_at` Nullable(String), `execution_expected_adapter`
            String, `execution_adapter` String, `execution_fallback_reason` String)') AS p
    FROM torghut.order_events_records
    WHERE toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
) AS record;

-- Each event once, however often it came.
CREATE OR REPLACE VIEW torghut.order_events AS
SELECT * FROM torghut.order_events_log FINAL;

-- What is no event is kept too: nothing that came is lost.
DROP VIEW IF EXISTS torghut.order_events_unread_writer;
CREATE MATERIALIZED VIEW torghut.order_events_unread_writer TO torghut.unread_log AS
SELECT
    'torghut.order-events.v1' AS topic,
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.order_events_records
WHERE concat(value, value_b64) != '' AND NOT (
    toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
);
