-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- torghut.route.v1, keyed by symbol.

-- A record as `torghut log read` prints it; whatever is inserted here is passed on, and nothing stays.
CREATE TABLE IF NOT EXISTS torghut.route_records (
    partition UInt32,
    offset UInt64,
    timestamp Int64 COMMENT 'Milliseconds since 1970.',
    key String,
    value String,
    value_b64 String COMMENT 'The value, where it is no text.'
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS torghut.route_log (
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
PARTITION BY toYYYYMM(event_ts)
ORDER BY (symbol, event_ts, event_id)
TTL toDateTime(event_ts) + INTERVAL 84 MONTH
SETTINGS ttl_only_drop_parts = 1;

-- Fields of the payload; new ones come here and nowhere else, so that this file also brings an older table up to date.
ALTER TABLE torghut.route_log
    ADD COLUMN IF NOT EXISTS intent_id Nullable(UUID) COMMENT 'The intent.',
    ADD COLUMN IF NOT EXISTS decision_hash String COMMENT 'The decision behind it.',
    ADD COLUMN IF NOT EXISTS client_order_id String COMMENT 'The id both routes use for the order.',
    ADD COLUMN IF NOT EXISTS attempt_id Nullable(UUID) COMMENT 'This attempt.',
    ADD COLUMN IF NOT EXISTS attempt Nullable(Int64) COMMENT 'Its number within the intent, from 1.',
    ADD COLUMN IF NOT EXISTS execution_expected_adapter LowCardinality(String) COMMENT 'Where the policy sent it.',
    ADD COLUMN IF NOT EXISTS execution_adapter LowCardinality(String) COMMENT 'Where it went.',
    ADD COLUMN IF NOT EXISTS execution_fallback_reason String COMMENT 'Why it went elsewhere.',
    ADD COLUMN IF NOT EXISTS execution_fallback_count Nullable(Int64) COMMENT 'Attempts before this one that were proved not live.',
    ADD COLUMN IF NOT EXISTS execution_correlation_id String COMMENT 'The X-Correlation-ID of the call.',
    ADD COLUMN IF NOT EXISTS execution_idempotency_key String COMMENT 'The Idempotency-Key of the call.',
    ADD COLUMN IF NOT EXISTS execution_route LowCardinality(String) COMMENT 'The way it went.',
    ADD COLUMN IF NOT EXISTS _execution_adapter LowCardinality(String) COMMENT 'The original\'s marker.',
    ADD COLUMN IF NOT EXISTS alpaca_order_id String COMMENT 'The broker\'s id.',
    ADD COLUMN IF NOT EXISTS status String COMMENT 'The order\'s status in the reply.',
    ADD COLUMN IF NOT EXISTS side LowCardinality(String) COMMENT 'Buy or sell.',
    ADD COLUMN IF NOT EXISTS qty Nullable(Decimal(38, 9)) COMMENT 'Quantity; null for an order by notional.',
    ADD COLUMN IF NOT EXISTS notional Nullable(Decimal(38, 9)) COMMENT 'Notional of an order without quantity.',
    ADD COLUMN IF NOT EXISTS order_type LowCardinality(String) COMMENT 'How its price is found.',
    ADD COLUMN IF NOT EXISTS time_in_force LowCardinality(String) COMMENT 'How long it stands.',
    ADD COLUMN IF NOT EXISTS limit_price Nullable(Decimal(38, 9)) COMMENT 'Limit price.',
    ADD COLUMN IF NOT EXISTS stop_price Nullable(Decimal(38, 9)) COMMENT 'Stop price.',
    ADD COLUMN IF NOT EXISTS trail_price Nullable(Decimal(38, 9)) COMMENT 'Distance of a trailing stop.',
    ADD COLUMN IF NOT EXISTS trail_percent Nullable(Decimal(38, 9)) COMMENT 'Distance of a trailing stop.',
    ADD COLUMN IF NOT EXISTS extended_hours Nullable(Bool) COMMENT 'Whether it may trade outside regular hours.',
    ADD COLUMN IF NOT EXISTS filled_qty Nullable(Decimal(38, 9)) COMMENT 'Filled at once.',
    ADD COLUMN IF NOT EXISTS filled_avg_price Nullable(Decimal(38, 9)) COMMENT 'At this price.',
    ADD COLUMN IF NOT EXISTS submitted_at Nullable(DateTime64(9, 'UTC')) COMMENT 'When the broker took it.',
    ADD COLUMN IF NOT EXISTS idempotent_replay Nullable(Bool) COMMENT 'Whether the runner repeated an earlier answer.',
    ADD COLUMN IF NOT EXISTS _execution_parity_check String COMMENT 'Which contract the reply was held against.',
    ADD COLUMN IF NOT EXISTS http_status Nullable(Int64) COMMENT 'Status of the answer.',
    ADD COLUMN IF NOT EXISTS code String COMMENT 'The answer\'s own code.',
    ADD COLUMN IF NOT EXISTS reason String COMMENT 'The answer\'s own words.',
    ADD COLUMN IF NOT EXISTS latency_us Nullable(Int64) COMMENT 'From the first byte out to the last byte in.',
    ADD COLUMN IF NOT EXISTS operation LowCardinality(String) COMMENT 'Submit or replace.',
    ADD COLUMN IF NOT EXISTS replaces_client_order_id String COMMENT 'The order that is replaced.',
    ADD COLUMN IF NOT EXISTS strategy_id String COMMENT 'The strategy.',
    ADD COLUMN IF NOT EXISTS request_hash String COMMENT 'The body that is sent.',
    ADD COLUMN IF NOT EXISTS deadline Nullable(DateTime64(9, 'UTC')) COMMENT 'The X-Torghut-Deadline: not called at the broker after it.',
    ADD COLUMN IF NOT EXISTS owner_epoch Nullable(Int64) COMMENT 'The X-Torghut-Epoch: whose attempt it is.',
    ADD COLUMN IF NOT EXISTS control_position_topic String COMMENT 'Topic.',
    ADD COLUMN IF NOT EXISTS control_position_partition Nullable(Int64) COMMENT 'Partition.',
    ADD COLUMN IF NOT EXISTS control_position_offset Nullable(Int64) COMMENT 'Offset: everything before it is included.',
    ADD COLUMN IF NOT EXISTS control_seen_at Nullable(DateTime64(9, 'UTC')) COMMENT 'When that was proved fresh.',
    ADD COLUMN IF NOT EXISTS trading_mode LowCardinality(String) COMMENT 'Paper or live.',
    ADD COLUMN IF NOT EXISTS policy_hash String COMMENT 'The policy in force.',
    ADD COLUMN IF NOT EXISTS address String COMMENT 'Where it is sent.',
    ADD COLUMN IF NOT EXISTS rejection_class LowCardinality(String) COMMENT 'What kind of refusal.',
    ADD COLUMN IF NOT EXISTS proof LowCardinality(String) COMMENT 'Why the order cannot be live.',
    ADD COLUMN IF NOT EXISTS failure_taxonomy LowCardinality(String) COMMENT 'How the call failed.',
    ADD COLUMN IF NOT EXISTS fallback_allowed Nullable(Bool) COMMENT 'Whether another adapter may try.',
    ADD COLUMN IF NOT EXISTS resolution LowCardinality(String) COMMENT 'What became of it.',
    ADD COLUMN IF NOT EXISTS found_by LowCardinality(String) COMMENT 'What settled it.',
    ADD COLUMN IF NOT EXISTS override_event_id Nullable(UUID) COMMENT 'The override it rests on.',
    ADD COLUMN IF NOT EXISTS actor String COMMENT 'Who vouched for it.',
    ADD COLUMN IF NOT EXISTS unknown_for_us Nullable(Int64) COMMENT 'How long it was unknown.',
    ADD COLUMN IF NOT EXISTS sent_at Nullable(DateTime64(9, 'UTC')) COMMENT 'When the first byte went out.',
    ADD COLUMN IF NOT EXISTS sent_bytes Nullable(Int64) COMMENT 'How many went out.',
    ADD COLUMN IF NOT EXISTS unknown_since Nullable(DateTime64(9, 'UTC')) COMMENT 'Since when.',
    ADD COLUMN IF NOT EXISTS cancel_id Nullable(UUID) COMMENT 'The request.',
    ADD COLUMN IF NOT EXISTS confirmed_by LowCardinality(String) COMMENT 'How we know.',
    ADD COLUMN IF NOT EXISTS canceled_at Nullable(DateTime64(9, 'UTC')) COMMENT 'When it was.',
    ADD COLUMN IF NOT EXISTS final Nullable(Bool) COMMENT 'Whether asking again is pointless.',
    ADD COLUMN IF NOT EXISTS cancel_reason LowCardinality(String) COMMENT 'Why.',
    ADD COLUMN IF NOT EXISTS control_event_id Nullable(UUID) COMMENT 'The control event behind it.',
    ADD COLUMN IF NOT EXISTS from_adapter LowCardinality(String) COMMENT 'Where the attempt was.',
    ADD COLUMN IF NOT EXISTS to_adapter LowCardinality(String) COMMENT 'Where the next goes.',
    ADD COLUMN IF NOT EXISTS attempt_count Nullable(Int64) COMMENT 'Attempts so far.',
    ADD COLUMN IF NOT EXISTS next_attempt_id Nullable(UUID) COMMENT 'The next attempt.',
    ADD COLUMN IF NOT EXISTS degradation_failure_taxonomy LowCardinality(String) COMMENT 'How the last call failed.',
    ADD COLUMN IF NOT EXISTS degradation_http_status Nullable(Int64) COMMENT 'Status of its answer.',
    ADD COLUMN IF NOT EXISTS degradation_latency_us Nullable(Int64) COMMENT 'How long it took.',
    ADD COLUMN IF NOT EXISTS degradation_window_seconds Nullable(Int64) COMMENT 'The window that is counted.',
    ADD COLUMN IF NOT EXISTS degradation_window_requests Nullable(Int64) COMMENT 'Requests in it.',
    ADD COLUMN IF NOT EXISTS degradation_window_failures Nullable(Int64) COMMENT 'Failures in it.',
    ADD COLUMN IF NOT EXISTS divergence LowCardinality(String) COMMENT 'How.',
    ADD COLUMN IF NOT EXISTS lean_order_id String COMMENT 'The order id LEAN gave.',
    ADD COLUMN IF NOT EXISTS broker_order_id String COMMENT 'The order id Alpaca gave.',
    ADD COLUMN IF NOT EXISTS observed String COMMENT 'What was seen.',
    ADD COLUMN IF NOT EXISTS hold_reason LowCardinality(String) COMMENT 'Why.',
    ADD COLUMN IF NOT EXISTS held_since Nullable(DateTime64(9, 'UTC')) COMMENT 'Since when.',
    ADD COLUMN IF NOT EXISTS hold_limit_us Nullable(Int64) COMMENT 'When it is alerted.',
    ADD COLUMN IF NOT EXISTS hold_limit_exceeded Nullable(Bool) COMMENT 'Whether that has passed.',
    ADD COLUMN IF NOT EXISTS detail String COMMENT 'More.',
    ADD COLUMN IF NOT EXISTS held_for_us Nullable(Int64) COMMENT 'How long.',
    ADD COLUMN IF NOT EXISTS withdrawal_reason LowCardinality(String) COMMENT 'Why.',
    ADD COLUMN IF NOT EXISTS replace_id Nullable(UUID) COMMENT 'The request.',
    ADD COLUMN IF NOT EXISTS new_client_order_id String COMMENT 'The new order\'s client id.',
    ADD COLUMN IF NOT EXISTS new_alpaca_order_id String COMMENT 'The new order\'s broker id.',
    ADD COLUMN IF NOT EXISTS proved Nullable(Bool) COMMENT 'Whether it is proved that the new order is not live.',
    ADD INDEX IF NOT EXISTS decision_hash_at decision_hash TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS client_order_id_at client_order_id TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS intent_id_at intent_id TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS attempt_id_at attempt_id TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS alpaca_order_id_at alpaca_order_id TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS correlation_id_at correlation_id TYPE bloom_filter(0.01) GRANULARITY 4;

DROP VIEW IF EXISTS torghut.route_writer;
CREATE MATERIALIZED VIEW torghut.route_writer TO torghut.route_log AS
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
    p.`client_order_id` AS client_order_id,
    toUUIDOrNull(p.`attempt_id`) AS attempt_id,
    p.`attempt` AS attempt,
    p.`execution_expected_adapter` AS execution_expected_adapter,
    p.`execution_adapter` AS execution_adapter,
    p.`execution_fallback_reason` AS execution_fallback_reason,
    p.`execution_fallback_count` AS execution_fallback_count,
    p.`execution_correlation_id` AS execution_correlation_id,
    p.`execution_idempotency_key` AS execution_idempotency_key,
    p.`execution_route` AS execution_route,
    p.`_execution_adapter` AS _execution_adapter,
    p.`alpaca_order_id` AS alpaca_order_id,
    p.`status` AS status,
    p.`side` AS side,
    toDecimal128OrNull(p.`qty`, 9) AS qty,
    toDecimal128OrNull(p.`notional`, 9) AS notional,
    p.`order_type` AS order_type,
    p.`time_in_force` AS time_in_force,
    toDecimal128OrNull(p.`limit_price`, 9) AS limit_price,
    toDecimal128OrNull(p.`stop_price`, 9) AS stop_price,
    toDecimal128OrNull(p.`trail_price`, 9) AS trail_price,
    toDecimal128OrNull(p.`trail_percent`, 9) AS trail_percent,
    p.`extended_hours` AS extended_hours,
    toDecimal128OrNull(p.`filled_qty`, 9) AS filled_qty,
    toDecimal128OrNull(p.`filled_avg_price`, 9) AS filled_avg_price,
    parseDateTime64BestEffortOrNull(p.`submitted_at`, 9, 'UTC') AS submitted_at,
    p.`idempotent_replay` AS idempotent_replay,
    p.`_execution_parity_check` AS _execution_parity_check,
    p.`http_status` AS http_status,
    p.`code` AS code,
    p.`reason` AS reason,
    p.`latency_us` AS latency_us,
    p.`operation` AS operation,
    p.`replaces_client_order_id` AS replaces_client_order_id,
    p.`strategy_id` AS strategy_id,
    p.`request_hash` AS request_hash,
    parseDateTime64BestEffortOrNull(p.`deadline`, 9, 'UTC') AS deadline,
    p.`owner_epoch` AS owner_epoch,
    p.`control_position`.`topic` AS control_position_topic,
    p.`control_position`.`partition` AS control_position_partition,
    p.`control_position`.`offset` AS control_position_offset,
    parseDateTime64BestEffortOrNull(p.`control_seen_at`, 9, 'UTC') AS control_seen_at,
    p.`trading_mode` AS trading_mode,
    p.`policy_hash` AS policy_hash,
    p.`address` AS address,
    p.`rejection_class` AS rejection_class,
    p.`proof` AS proof,
    p.`failure_taxonomy` AS failure_taxonomy,
    p.`fallback_allowed` AS fallback_allowed,
    p.`resolution` AS resolution,
    p.`found_by` AS found_by,
    toUUIDOrNull(p.`override_event_id`) AS override_event_id,
    p.`actor` AS actor,
    p.`unknown_for_us` AS unknown_for_us,
    parseDateTime64BestEffortOrNull(p.`sent_at`, 9, 'UTC') AS sent_at,
    p.`sent_bytes` AS sent_bytes,
    parseDateTime64BestEffortOrNull(p.`unknown_since`, 9, 'UTC') AS unknown_since,
    toUUIDOrNull(p.`cancel_id`) AS cancel_id,
    p.`confirmed_by` AS confirmed_by,
    parseDateTime64BestEffortOrNull(p.`canceled_at`, 9, 'UTC') AS canceled_at,
    p.`final` AS final,
    p.`cancel_reason` AS cancel_reason,
    toUUIDOrNull(p.`control_event_id`) AS control_event_id,
    p.`from_adapter` AS from_adapter,
    p.`to_adapter` AS to_adapter,
    p.`attempt_count` AS attempt_count,
    toUUIDOrNull(p.`next_attempt_id`) AS next_attempt_id,
    p.`degradation`.`failure_taxonomy` AS degradation_failure_taxonomy,
    p.`degradation`.`http_status` AS degradation_http_status,
    p.`degradation`.`latency_us` AS degradation_latency_us,
    p.`degradation`.`window_seconds` AS degradation_window_seconds,
    p.`degradation`.`window_requests` AS degradation_window_requests,
    p.`degradation`.`window_failures` AS degradation_window_failures,
    p.`divergence` AS divergence,
    p.`lean_order_id` AS lean_order_id,
    p.`broker_order_id` AS broker_order_id,
    p.`observed` AS observed,
    p.`hold_reason` AS hold_reason,
    parseDateTime64BestEffortOrNull(p.`held_since`, 9, 'UTC') AS held_since,
    p.`hold_limit_us` AS hold_limit_us,
    p.`hold_limit_exceeded` AS hold_limit_exceeded,
    p.`detail` AS detail,
    p.`held_for_us` AS held_for_us,
    p.`withdrawal_reason` AS withdrawal_reason,
    toUUIDOrNull(p.`replace_id`) AS replace_id,
    p.`new_client_order_id` AS new_client_order_id,
    p.`new_alpaca_order_id` AS new_alpaca_order_id,
    p.`proved` AS proved,
    arrayFilter(name -> name != '', [
        if(isNotNull(p.`intent_id`) AND isNull(toUUIDOrNull(p.`intent_id`)), 'intent_id', ''),
        if(isNotNull(p.`attempt_id`) AND isNull(toUUIDOrNull(p.`attempt_id`)), 'attempt_id', ''),
        if(isNotNull(p.`qty`) AND isNull(toDecimal128OrNull(p.`qty`, 9)), 'qty', ''),
        if(isNotNull(p.`notional`) AND isNull(toDecimal128OrNull(p.`notional`, 9)), 'notional', ''),
        if(isNotNull(p.`limit_price`) AND isNull(toDecimal128OrNull(p.`limit_price`, 9)), 'limit_price', ''),
        if(isNotNull(p.`stop_price`) AND isNull(toDecimal128OrNull(p.`stop_price`, 9)), 'stop_price', ''),
        if(isNotNull(p.`trail_price`) AND isNull(toDecimal128OrNull(p.`trail_price`, 9)), 'trail_price', ''),
        if(isNotNull(p.`trail_percent`) AND isNull(toDecimal128OrNull(p.`trail_percent`, 9)), 'trail_percent', ''),
        if(isNotNull(p.`filled_qty`) AND isNull(toDecimal128OrNull(p.`filled_qty`, 9)), 'filled_qty', ''),
        if(isNotNull(p.`filled_avg_price`) AND isNull(toDecimal128OrNull(p.`filled_avg_price`, 9)), 'filled_avg_price', ''),
        if(isNotNull(p.`submitted_at`) AND isNull(parseDateTime64BestEffortOrNull(p.`submitted_at`, 9, 'UTC')), 'submitted_at', ''),
        if(isNotNull(p.`deadline`) AND isNull(parseDateTime64BestEffortOrNull(p.`deadline`, 9, 'UTC')), 'deadline', ''),
        if(isNotNull(p.`control_seen_at`) AND isNull(parseDateTime64BestEffortOrNull(p.`control_seen_at`, 9, 'UTC')), 'control_seen_at', ''),
        if(isNotNull(p.`override_event_id`) AND isNull(toUUIDOrNull(p.`override_event_id`)), 'override_event_id', ''),
        if(isNotNull(p.`sent_at`) AND isNull(parseDateTime64BestEffortOrNull(p.`sent_at`, 9, 'UTC')), 'sent_at', ''),
        if(isNotNull(p.`unknown_since`) AND isNull(parseDateTime64BestEffortOrNull(p.`unknown_since`, 9, 'UTC')), 'unknown_since', ''),
        if(isNotNull(p.`cancel_id`) AND isNull(toUUIDOrNull(p.`cancel_id`)), 'cancel_id', ''),
        if(isNotNull(p.`canceled_at`) AND isNull(parseDateTime64BestEffortOrNull(p.`canceled_at`, 9, 'UTC')), 'canceled_at', ''),
        if(isNotNull(p.`control_event_id`) AND isNull(toUUIDOrNull(p.`control_event_id`)), 'control_event_id', ''),
        if(isNotNull(p.`next_attempt_id`) AND isNull(toUUIDOrNull(p.`next_attempt_id`)), 'next_attempt_id', ''),
        if(isNotNull(p.`held_since`) AND isNull(parseDateTime64BestEffortOrNull(p.`held_since`, 9, 'UTC')), 'held_since', ''),
        if(isNotNull(p.`replace_id`) AND isNull(toUUIDOrNull(p.`replace_id`)), 'replace_id', ''),
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
        JSONExtract(value, 'payload', 'Tuple(`intent_id` Nullable(String), `decision_hash` String, `client_order_id` String, `attempt_id`
            Nullable(String), `attempt` Nullable(Int64), `execution_expected_adapter` String, `execution_adapter`
            String, `execution_fallback_reason` String, `execution_fallback_count` Nullable(Int64),
            `execution_correlation_id` String, `execution_idempotency_key` String, `execution_route` String,
            `_execution_adapter` String, `alpaca_order_id` String, `status` String, `side` String, `qty`
            Nullable(String), `notional` Nullable(String), `order_type` String, `time_in_force` String, `limit_price`
            Nullable(String), `stop_price` Nullable(String), `trail_price` Nullable(String), `trail_percent`
            Nullable(String), `extended_hours` Nullable(Bool), `filled_qty` Nullable(String), `filled_avg_price`
            Nullable(String), `submitted_at` Nullable(String), `idempotent_replay` Nullable(Bool),
            `_execution_parity_check` String, `http_status` Nullable(Int64), `code` String, `reason` String,
            `latency_us` Nullable(Int64), `operation` String, `replaces_client_order_id` String, `strategy_id`
            String, `request_hash` String, `deadline` Nullable(String), `owner_epoch` Nullable(Int64),
            `control_position` Tuple(`topic` String, `partition` Nullable(Int64), `offset` Nullable(Int64)),
            `control_seen_at` Nullable(String), `trading_mode` String, `policy_hash` String, `address` String,
            `rejection_class` String, `proof` String, `failure_taxonomy` String, `fallback_allowed` Nullable(Bool),
            `resolution` String, `found_by` String, `override_event_id` Nullable(String), `actor` String,
            `unknown_for_us` Nullable(Int64), `sent_at` Nullable(String), `sent_bytes` Nullable(Int64),
            `unknown_since` Nullable(String), `cancel_id` Nullable(String), `confirmed_by` String, `canceled_at`
            Nullable(String), `final` Nullable(Bool), `cancel_reason` String, `control_event_id` Nullable(String),
            `from_adapter` String, `to_adapter` String, `attempt_count` Nullable(Int64), `next_attempt_id`
            Nullable(String), `degradation` Tuple(`failure_taxonomy` String, `http_status` Nullable(Int64),
            `latency_us` Nullable(Int64), `window_seconds` Nullable(Int64), `window_requests` Nullable(Int64),
            `window_failures` Nullable(Int64)), `divergence` String, `lean_order_id` String, `broker_order_id`
            String, `observed` String, `hold_reason` String, `held_since` Nullable(String), `hold_limit_us`
            Nullable(Int64), `hold_limit_exceeded` Nullable(Bool), `detail` String, `held_for_us` Nullable(Int64),
            `withdrawal_reason` String, `replace_id` Nullable(String), `new_client_order_id` String,
            `new_alpaca_order_id` String, `proved` Nullable(Bool))') AS p
    FROM torghut.route_records
    WHERE toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
) AS record;

-- Each event once, however often it came.
CREATE OR REPLACE VIEW torghut.route AS
SELECT * FROM torghut.route_log FINAL;

-- What is no event is kept too: nothing that came is lost.
DROP VIEW IF EXISTS torghut.route_unread_writer;
CREATE MATERIALIZED VIEW torghut.route_unread_writer TO torghut.unread_log AS
SELECT
    'torghut.route.v1' AS topic,
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.route_records
WHERE NOT (
    toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
);
