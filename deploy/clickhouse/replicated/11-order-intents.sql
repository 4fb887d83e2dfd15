-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- torghut.order-intents.v1, keyed by symbol.

-- A record as `torghut log read` prints it; whatever is inserted here is passed on, and nothing stays.
CREATE TABLE IF NOT EXISTS torghut.order_intents_records ON CLUSTER '{cluster}' (
    partition UInt32,
    offset UInt64,
    timestamp Int64 COMMENT 'Milliseconds since 1970.',
    key String,
    value String,
    value_b64 String COMMENT 'The value, where it is no text.'
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS torghut.order_intents_log ON CLUSTER '{cluster}' (
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{cluster}/{shard}/order_intents_log', '{replica}', ingest_ts)
PARTITION BY toYYYYMM(if(event_ts BETWEEN '2020-01-01' AND '2089-12-31', event_ts, toDateTime64('2090-01-01', 3, 'UTC')))
ORDER BY (symbol, event_ts, event_id)
TTL toDateTime(if(ingest_ts BETWEEN '2020-01-01' AND '2089-12-31', ingest_ts, toDateTime64('2090-01-01', 3, 'UTC'))) + INTERVAL 84 MONTH
SETTINGS ttl_only_drop_parts = 1;

-- Fields of the payload; new ones come here and nowhere else, so that this file also brings an older table up to date.
ALTER TABLE torghut.order_intents_log ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS decision_hash String COMMENT 'The decision.',
    ADD COLUMN IF NOT EXISTS strategy_id String COMMENT 'The strategy.',
    ADD COLUMN IF NOT EXISTS timeframe LowCardinality(String) COMMENT 'The bars it decided on.',
    ADD COLUMN IF NOT EXISTS action LowCardinality(String) COMMENT 'What it wanted.',
    ADD COLUMN IF NOT EXISTS qty Nullable(Decimal(38, 9)) COMMENT 'Quantity; null for an order by notional.',
    ADD COLUMN IF NOT EXISTS notional Nullable(Decimal(38, 9)) COMMENT 'Notional of an order without quantity.',
    ADD COLUMN IF NOT EXISTS order_type LowCardinality(String) COMMENT 'How its price is found.',
    ADD COLUMN IF NOT EXISTS time_in_force LowCardinality(String) COMMENT 'How long it stands.',
    ADD COLUMN IF NOT EXISTS limit_price Nullable(Decimal(38, 9)) COMMENT 'Limit price.',
    ADD COLUMN IF NOT EXISTS stop_price Nullable(Decimal(38, 9)) COMMENT 'Stop price.',
    ADD COLUMN IF NOT EXISTS trail_price Nullable(Decimal(38, 9)) COMMENT 'Distance of a trailing stop.',
    ADD COLUMN IF NOT EXISTS trail_percent Nullable(Decimal(38, 9)) COMMENT 'Distance of a trailing stop.',
    ADD COLUMN IF NOT EXISTS extended_hours Nullable(Bool) COMMENT 'Whether it may trade outside regular hours.',
    ADD COLUMN IF NOT EXISTS submission_block_reason LowCardinality(String) COMMENT 'The first reason.',
    ADD COLUMN IF NOT EXISTS submission_block_atomic Array(String) COMMENT 'Every reason that applies.',
    ADD COLUMN IF NOT EXISTS submission_stage LowCardinality(String) COMMENT 'Where it ended.',
    ADD COLUMN IF NOT EXISTS rationale String COMMENT 'The decision\'s own words.',
    ADD COLUMN IF NOT EXISTS policy_hash String COMMENT 'The policy in force.',
    ADD COLUMN IF NOT EXISTS config_hash String COMMENT 'The configuration in force.',
    ADD COLUMN IF NOT EXISTS trading_mode LowCardinality(String) COMMENT 'Paper or live.',
    ADD COLUMN IF NOT EXISTS capital_stage LowCardinality(String) COMMENT 'How much capital decisions may move.',
    ADD COLUMN IF NOT EXISTS recorded_body_hash String COMMENT 'The body that came first and stands.',
    ADD COLUMN IF NOT EXISTS conflicting_body_hash String COMMENT 'The body that was refused.',
    ADD COLUMN IF NOT EXISTS first_cause String COMMENT 'Where the first lies.',
    ADD COLUMN IF NOT EXISTS conflicting_cause String COMMENT 'Where the second lies.',
    ADD COLUMN IF NOT EXISTS conflicting_fields Array(String) COMMENT 'Which fields differ.',
    ADD COLUMN IF NOT EXISTS risk_reasons Array(String) COMMENT 'Every reason that applies.',
    ADD COLUMN IF NOT EXISTS reject_class LowCardinality(String) COMMENT 'The class of the first.',
    ADD COLUMN IF NOT EXISTS reject_origin LowCardinality(String) COMMENT 'Who refused first.',
    ADD COLUMN IF NOT EXISTS intent_id Nullable(UUID) COMMENT 'The intent.',
    ADD COLUMN IF NOT EXISTS client_order_id String COMMENT 'The id both routes use for the order.',
    ADD COLUMN IF NOT EXISTS side LowCardinality(String) COMMENT 'Buy or sell.',
    ADD COLUMN IF NOT EXISTS requested_qty Nullable(Decimal(38, 9)) COMMENT 'The quantity the decision asked for.',
    ADD COLUMN IF NOT EXISTS limiting_constraint String COMMENT 'What cut the quantity.',
    ADD COLUMN IF NOT EXISTS intent_notional Nullable(Decimal(38, 9)) COMMENT 'Quantity times reference price.',
    ADD COLUMN IF NOT EXISTS reference_quote_bid Nullable(Decimal(38, 9)) COMMENT 'Best bid.',
    ADD COLUMN IF NOT EXISTS reference_quote_ask Nullable(Decimal(38, 9)) COMMENT 'Best ask.',
    ADD COLUMN IF NOT EXISTS reference_quote_bid_size Nullable(Decimal(38, 9)) COMMENT 'Size at the bid.',
    ADD COLUMN IF NOT EXISTS reference_quote_ask_size Nullable(Decimal(38, 9)) COMMENT 'Size at the ask.',
    ADD COLUMN IF NOT EXISTS reference_quote_quote_ts Nullable(DateTime64(9, 'UTC')) COMMENT 'When the quote was made.',
    ADD COLUMN IF NOT EXISTS reference_quote_source String COMMENT 'Where it came from.',
    ADD COLUMN IF NOT EXISTS arrival_price Nullable(Decimal(38, 9)) COMMENT 'The price its costs are measured against.',
    ADD COLUMN IF NOT EXISTS execution_expected_adapter LowCardinality(String) COMMENT 'Where the policy sends it.',
    ADD COLUMN IF NOT EXISTS execution_adapter_policy LowCardinality(String) COMMENT 'The policy\'s mode.',
    ADD COLUMN IF NOT EXISTS route_reason LowCardinality(String) COMMENT 'Why there.',
    ADD COLUMN IF NOT EXISTS execution_fallback_adapter LowCardinality(String) COMMENT 'Where it may go if the first is proved not to have it.',
    ADD COLUMN IF NOT EXISTS max_slippage_bps Nullable(Decimal(38, 9)) COMMENT 'The slippage the decision tolerates.',
    ADD COLUMN IF NOT EXISTS expires_at Nullable(DateTime64(9, 'UTC')) COMMENT 'When it is too old to send.',
    ADD INDEX IF NOT EXISTS log_offset_at log_offset TYPE minmax GRANULARITY 4,
    ADD INDEX IF NOT EXISTS decision_hash_at decision_hash TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS client_order_id_at client_order_id TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS intent_id_at intent_id TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS correlation_id_at correlation_id TYPE bloom_filter(0.01) GRANULARITY 4;

DROP VIEW IF EXISTS torghut.order_intents_writer ON CLUSTER '{cluster}';
CREATE MATERIALIZED VIEW torghut.order_intents_writer ON CLUSTER '{cluster}' TO torghut.order_intents_log AS
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
    p.`submission_block_reason` AS submission_block_reason,
    p.`submission_block_atomic` AS submission_block_atomic,
    p.`submission_stage` AS submission_stage,
    p.`rationale` AS rationale,
    p.`policy_hash` AS policy_hash,
    p.`config_hash` AS config_hash,
    p.`trading_mode` AS trading_mode,
    p.`capital_stage` AS capital_stage,
    p.`recorded_body_hash` AS recorded_body_hash,
    p.`conflicting_body_hash` AS conflicting_body_hash,
    p.`first_cause` AS first_cause,
    p.`conflicting_cause` AS conflicting_cause,
    p.`conflicting_fields` AS conflicting_fields,
    p.`risk_reasons` AS risk_reasons,
    p.`reject_class` AS reject_class,
    p.`reject_origin` AS reject_origin,
    toUUIDOrNull(p.`intent_id`) AS intent_id,
    p.`client_order_id` AS client_order_id,
    p.`side` AS side,
    toDecimal128OrNull(p.`requested_qty`, 9) AS requested_qty,
    p.`limiting_constraint` AS limiting_constraint,
    toDecimal128OrNull(p.`intent_notional`, 9) AS intent_notional,
    toDecimal128OrNull(p.`reference_quote`.`bid`, 9) AS reference_quote_bid,
    toDecimal128OrNull(p.`reference_quote`.`ask`, 9) AS reference_quote_ask,
    toDecimal128OrNull(p.`reference_quote`.`bid_size`, 9) AS reference_quote_bid_size,
    toDecimal128OrNull(p.`reference_quote`.`ask_size`, 9) AS reference_quote_ask_size,
    parseDateTime64BestEffortOrNull(p.`reference_quote`.`quote_ts`, 9, 'UTC') AS reference_quote_quote_ts,
    p.`reference_quote`.`source` AS reference_quote_source,
    toDecimal128OrNull(p.`arrival_price`, 9) AS arrival_price,
    p.`execution_expected_adapter` AS execution_expected_adapter,
    p.`execution_adapter_policy` AS execution_adapter_policy,
    p.`route_reason` AS route_reason,
    p.`execution_fallback_adapter` AS execution_fallback_adapter,
    toDecimal128OrNull(p.`max_slippage_bps`, 9) AS max_slippage_bps,
    parseDateTime64BestEffortOrNull(p.`expires_at`, 9, 'UTC') AS expires_at,
    arrayFilter(name -> name != '', [
        if(isNotNull(p.`qty`) AND isNull(toDecimal128OrNull(p.`qty`, 9)), 'qty', ''),
        if(isNotNull(p.`notional`) AND isNull(toDecimal128OrNull(p.`notional`, 9)), 'notional', ''),
        if(isNotNull(p.`limit_price`) AND isNull(toDecimal128OrNull(p.`limit_price`, 9)), 'limit_price', ''),
        if(isNotNull(p.`stop_price`) AND isNull(toDecimal128OrNull(p.`stop_price`, 9)), 'stop_price', ''),
        if(isNotNull(p.`trail_price`) AND isNull(toDecimal128OrNull(p.`trail_price`, 9)), 'trail_price', ''),
        if(isNotNull(p.`trail_percent`) AND isNull(toDecimal128OrNull(p.`trail_percent`, 9)), 'trail_percent', ''),
        if(isNotNull(p.`intent_id`) AND isNull(toUUIDOrNull(p.`intent_id`)), 'intent_id', ''),
        if(isNotNull(p.`requested_qty`) AND isNull(toDecimal128OrNull(p.`requested_qty`, 9)), 'requested_qty', ''),
        if(isNotNull(p.`intent_notional`) AND isNull(toDecimal128OrNull(p.`intent_notional`, 9)), 'intent_notional', ''),
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
            Nullable(String), `extended_hours` Nullable(Bool), `submission_block_reason` String,
            `submission_block_atomic` Array(String), `submission_stage` String, `rationale` String, `policy_hash`
            String, `config_hash` String, `trading_mode` String, `capital_stage` String, `recorded_body_hash` String,
            `conflicting_body_hash` String, `first_cause` String, `conflicting_cause` String, `conflicting_fields`
            Array(String), `risk_reasons` Array(String), `reject_class` String, `reject_origin` String, `intent_id`
            Nullable(String), `client_order_id` String, `side` String, `requested_qty` Nullable(String),
            `limiting_constraint` String, `intent_notional` Nullable(String), `reference_quote` Tuple(`bid`
            Nullable(String), `ask` Nullable(String), `bid_size` Nullable(String), `ask_size` Nullable(String),
            `quote_ts` Nullable(String), `source` String), `arrival_price` Nullable(String),
            `execution_expected_adapter` String, `execution_adapter_policy` String, `route_reason` String,
            `execution_fallback_adapter` String, `max_slippage_bps` Nullable(String), `expires_at` Nullable(String))') AS p
    FROM torghut.order_intents_records
    WHERE toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
) AS record;

-- Each event once, however often it came.
CREATE OR REPLACE VIEW torghut.order_intents ON CLUSTER '{cluster}' AS
SELECT * FROM torghut.order_intents_log FINAL;

-- What is no event is kept too: nothing that came is lost.
DROP VIEW IF EXISTS torghut.order_intents_unread_writer ON CLUSTER '{cluster}';
CREATE MATERIALIZED VIEW torghut.order_intents_unread_writer ON CLUSTER '{cluster}' TO torghut.unread_log AS
SELECT
    'torghut.order-intents.v1' AS topic,
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.order_intents_records
WHERE concat(value, value_b64) != '' AND NOT (
    toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
);
