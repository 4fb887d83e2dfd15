-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- torghut.lean.canary.v1, keyed by canary.

-- A record as `torghut log read` prints it; whatever is inserted here is passed on, and nothing stays.
CREATE TABLE IF NOT EXISTS torghut.lean_canary_records (
    partition UInt32,
    offset UInt64,
    timestamp Int64 COMMENT 'Milliseconds since 1970.',
    key String,
    value String,
    value_b64 String COMMENT 'The value, where it is no text.'
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS torghut.lean_canary_log (
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
ORDER BY (event_type, event_ts, event_id)
TTL toDateTime(if(ingest_ts BETWEEN '2020-01-01' AND '2089-12-31', ingest_ts, toDateTime64('2090-01-01', 3, 'UTC'))) + INTERVAL 84 MONTH
SETTINGS ttl_only_drop_parts = 1;

-- Fields of the payload; new ones come here and nowhere else, so that this file also brings an older table up to date.
ALTER TABLE torghut.lean_canary_log
    ADD COLUMN IF NOT EXISTS incident_key String COMMENT 'The incident: its cause, and which time it happens.',
    ADD COLUMN IF NOT EXISTS breach_type LowCardinality(String) COMMENT 'Which limit.',
    ADD COLUMN IF NOT EXISTS severity LowCardinality(String) COMMENT 'How bad.',
    ADD COLUMN IF NOT EXISTS rollback_triggered Nullable(Bool) COMMENT 'Whether it was rolled back.',
    ADD COLUMN IF NOT EXISTS symbols Array(String) COMMENT 'Symbols concerned.',
    ADD COLUMN IF NOT EXISTS verdict_event_id Nullable(UUID) COMMENT 'The verdict behind it.',
    ADD COLUMN IF NOT EXISTS observed Nullable(Decimal(38, 9)) COMMENT 'What was measured.',
    ADD COLUMN IF NOT EXISTS threshold Nullable(Decimal(38, 9)) COMMENT 'The limit.',
    ADD COLUMN IF NOT EXISTS resolution LowCardinality(String) COMMENT 'How it ended.',
    ADD COLUMN IF NOT EXISTS actor String COMMENT 'Who says so.',
    ADD COLUMN IF NOT EXISTS reason String COMMENT 'Why.',
    ADD COLUMN IF NOT EXISTS resolved_at Nullable(DateTime64(9, 'UTC')) COMMENT 'When.',
    ADD COLUMN IF NOT EXISTS rollout_id String COMMENT 'The rollout.',
    ADD COLUMN IF NOT EXISTS step Nullable(Int64) COMMENT 'Its number, from 1.',
    ADD COLUMN IF NOT EXISTS phase LowCardinality(String) COMMENT 'What kind of step.',
    ADD COLUMN IF NOT EXISTS lane LowCardinality(String) COMMENT 'Which lane.',
    ADD COLUMN IF NOT EXISTS scope_symbols Array(String) COMMENT 'Symbols in scope.',
    ADD COLUMN IF NOT EXISTS scope_accounts Array(String) COMMENT 'Accounts in scope.',
    ADD COLUMN IF NOT EXISTS scope_share Nullable(Decimal(38, 9)) COMMENT 'The share of intents in scope.',
    ADD COLUMN IF NOT EXISTS stop_condition String COMMENT 'When it must stop.',
    ADD COLUMN IF NOT EXISTS rollback_trigger String COMMENT 'What takes it back.',
    ADD COLUMN IF NOT EXISTS fallback_ratio_limit Nullable(Decimal(38, 9)) COMMENT 'The limit that counts.',
    ADD COLUMN IF NOT EXISTS previous_phase LowCardinality(String) COMMENT 'The phase it was in before.',
    ADD COLUMN IF NOT EXISTS policy_hash String COMMENT 'The policy whose limits it was held against.',
    ADD COLUMN IF NOT EXISTS verdict LowCardinality(String) COMMENT 'What the gate says.',
    ADD COLUMN IF NOT EXISTS payload_window_start Nullable(DateTime64(9, 'UTC')) COMMENT 'From, inclusive.',
    ADD COLUMN IF NOT EXISTS payload_window_end Nullable(DateTime64(9, 'UTC')) COMMENT 'To, exclusive.',
    ADD COLUMN IF NOT EXISTS sample Nullable(Int64) COMMENT 'How many were counted.',
    ADD COLUMN IF NOT EXISTS minimum_sample Nullable(Int64) COMMENT 'How many are needed to say anything.',
    ADD COLUMN IF NOT EXISTS evaluated_at Nullable(DateTime64(9, 'UTC')) COMMENT 'The time of the evaluation.',
    ADD COLUMN IF NOT EXISTS lean_total Nullable(Int64) COMMENT 'Intents expected to go by LEAN in the window.',
    ADD COLUMN IF NOT EXISTS fallback_total Nullable(Int64) COMMENT 'Of these, how many fell back to Alpaca.',
    ADD COLUMN IF NOT EXISTS fallback_ratio Nullable(Decimal(38, 9)) COMMENT 'Their ratio; null below the minimum sample.',
    ADD COLUMN IF NOT EXISTS hard_rollback_enabled Nullable(Bool) COMMENT 'Whether a breach rolls back.',
    ADD COLUMN IF NOT EXISTS action LowCardinality(String) COMMENT 'What follows.',
    ADD COLUMN IF NOT EXISTS evaluation_event_id Nullable(UUID) COMMENT 'The evaluation on control that it is made from.',
    ADD COLUMN IF NOT EXISTS amends_event_id Nullable(UUID) COMMENT 'The verdict on the same window that it amends.',
    ADD COLUMN IF NOT EXISTS trading_mode LowCardinality(String) COMMENT 'Paper or live.',
    ADD COLUMN IF NOT EXISTS dry_run Nullable(Bool) COMMENT 'Whether it only records.',
    ADD COLUMN IF NOT EXISTS is_closed Nullable(Bool) COMMENT 'Whether the window is a whole one that is over.',
    ADD COLUMN IF NOT EXISTS numerator Nullable(Int64) COMMENT 'How many of the sample are on the wrong side.',
    ADD COLUMN IF NOT EXISTS baseline Nullable(Decimal(38, 9)) COMMENT 'The same by Alpaca.',
    ADD COLUMN IF NOT EXISTS pending_total Nullable(Int64) COMMENT 'Intents in the window without an outcome yet: in neither.',
    ADD COLUMN IF NOT EXISTS overdue_total Nullable(Int64) COMMENT 'Intents that count as fallen back, being too long without.',
    ADD COLUMN IF NOT EXISTS terms_window_us Nullable(Int64) COMMENT 'How long the window is.',
    ADD COLUMN IF NOT EXISTS terms_minimum_sample Nullable(Int64) COMMENT 'How many are needed to say anything.',
    ADD COLUMN IF NOT EXISTS terms_pending_limit_us Nullable(Int64) COMMENT 'An intent without an outcome counts as fallen back after this.',
    ADD COLUMN IF NOT EXISTS terms_fallback_ratio_limit Nullable(Decimal(38, 9)) COMMENT 'Of intents that fell back.',
    ADD COLUMN IF NOT EXISTS terms_error_rate_limit Nullable(Decimal(38, 9)) COMMENT 'Of failed attempts.',
    ADD COLUMN IF NOT EXISTS terms_drift_ratio_limit Nullable(Decimal(38, 9)) COMMENT 'Of shadows that drift.',
    ADD COLUMN IF NOT EXISTS terms_slippage_limit_bps Nullable(Decimal(38, 9)) COMMENT 'How much worse the 95th percentile may be than by Alpaca.',
    ADD COLUMN IF NOT EXISTS terms_crypto_only Nullable(Bool) COMMENT 'Whether only crypto counts.',
    ADD COLUMN IF NOT EXISTS terms_trading_mode LowCardinality(String) COMMENT 'Paper or live: only intents of this mode count.',
    ADD COLUMN IF NOT EXISTS terms_hard_rollback_enabled Nullable(Bool) COMMENT 'Whether a breach rolls back.',
    ADD COLUMN IF NOT EXISTS terms_dry_run Nullable(Bool) COMMENT 'Whether it only records.',
    ADD COLUMN IF NOT EXISTS truncated Nullable(Bool) COMMENT 'True when there were more in the window than are remembered: it is of the latest.',
    ADD INDEX IF NOT EXISTS log_offset_at log_offset TYPE minmax GRANULARITY 4,
    ADD INDEX IF NOT EXISTS correlation_id_at correlation_id TYPE bloom_filter(0.01) GRANULARITY 4;

DROP VIEW IF EXISTS torghut.lean_canary_writer;
CREATE MATERIALIZED VIEW torghut.lean_canary_writer TO torghut.lean_canary_log AS
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
    p.`incident_key` AS incident_key,
    p.`breach_type` AS breach_type,
    p.`severity` AS severity,
    p.`rollback_triggered` AS rollback_triggered,
    p.`symbols` AS symbols,
    toUUIDOrNull(p.`verdict_event_id`) AS verdict_event_id,
    toDecimal128OrNull(p.`observed`, 9) AS observed,
    toDecimal128OrNull(p.`threshold`, 9) AS threshold,
    p.`resolution` AS resolution,
    p.`actor` AS actor,
    p.`reason` AS reason,
    parseDateTime64BestEffortOrNull(p.`resolved_at`, 9, 'UTC') AS resolved_at,
    p.`rollout_id` AS rollout_id,
    p.`step` AS step,
    p.`phase` AS phase,
    p.`lane` AS lane,
    p.`scope_symbols` AS scope_symbols,
    p.`scope_accounts` AS scope_accounts,
    toDecimal128OrNull(p.`scope_share`, 9) AS scope_share,
    p.`stop_condition` AS stop_condition,
    p.`rollback_trigger` AS rollback_trigger,
    toDecimal128OrNull(p.`fallback_ratio_limit`, 9) AS fallback_ratio_limit,
    p.`previous_phase` AS previous_phase,
    p.`policy_hash` AS policy_hash,
    p.`verdict` AS verdict,
    parseDateTime64BestEffortOrNull(p.`window_start`, 9, 'UTC') AS payload_window_start,
    parseDateTime64BestEffortOrNull(p.`window_end`, 9, 'UTC') AS payload_window_end,
    p.`sample` AS sample,
    p.`minimum_sample` AS minimum_sample,
    parseDateTime64BestEffortOrNull(p.`evaluated_at`, 9, 'UTC') AS evaluated_at,
    p.`lean_total` AS lean_total,
    p.`fallback_total` AS fallback_total,
    toDecimal128OrNull(p.`fallback_ratio`, 9) AS fallback_ratio,
    p.`hard_rollback_enabled` AS hard_rollback_enabled,
    p.`action` AS action,
    toUUIDOrNull(p.`evaluation_event_id`) AS evaluation_event_id,
    toUUIDOrNull(p.`amends_event_id`) AS amends_event_id,
    p.`trading_mode` AS trading_mode,
    p.`dry_run` AS dry_run,
    p.`is_closed` AS is_closed,
    p.`numerator` AS numerator,
    toDecimal128OrNull(p.`baseline`, 9) AS baseline,
    p.`pending_total` AS pending_total,
    p.`overdue_total` AS overdue_total,
    p.`terms`.`window_us` AS terms_window_us,
    p.`terms`.`minimum_sample` AS terms_minimum_sample,
    p.`terms`.`pending_limit_us` AS terms_pending_limit_us,
    toDecimal128OrNull(p.`terms`.`fallback_ratio_limit`, 9) AS terms_fallback_ratio_limit,
    toDecimal128OrNull(p.`terms`.`error_rate_limit`, 9) AS terms_error_rate_limit,
    toDecimal128OrNull(p.`terms`.`drift_ratio_limit`, 9) AS terms_drift_ratio_limit,
    toDecimal128OrNull(p.`terms`.`slippage_limit_bps`, 9) AS terms_slippage_limit_bps,
    p.`terms`.`crypto_only` AS terms_crypto_only,
    p.`terms`.`trading_mode` AS terms_trading_mode,
    p.`terms`.`hard_rollback_enabled` AS terms_hard_rollback_enabled,
    p.`terms`.`dry_run` AS terms_dry_run,
    p.`truncated` AS truncated,
    arrayFilter(name -> name != '', [
        if(isNotNull(p.`verdict_event_id`) AND isNull(toUUIDOrNull(p.`verdict_event_id`)), 'verdict_event_id', ''),
        if(isNotNull(p.`observed`) AND isNull(toDecimal128OrNull(p.`observed`, 9)), 'observed', ''),
        if(isNotNull(p.`threshold`) AND isNull(toDecimal128OrNull(p.`threshold`, 9)), 'threshold', ''),
        if(isNotNull(p.`resolved_at`) AND isNull(parseDateTime64BestEffortOrNull(p.`resolved_at`, 9, 'UTC')), 'resolved_at', ''),
        if(isNotNull(p.`scope_share`) AND isNull(toDecimal128OrNull(p.`scope_share`, 9)), 'scope_share', ''),
        if(isNotNull(p.`fallback_ratio_limit`) AND isNull(toDecimal128OrNull(p.`fallback_ratio_limit`, 9)), 'fallback_ratio_limit', ''),
        if(isNotNull(p.`window_start`) AND isNull(parseDateTime64BestEffortOrNull(p.`window_start`, 9, 'UTC')), 'payload_window_start', ''),
        if(isNotNull(p.`window_end`) AND isNull(parseDateTime64BestEffortOrNull(p.`window_end`, 9, 'UTC')), 'payload_window_end', ''),
        if(isNotNull(p.`evaluated_at`) AND isNull(parseDateTime64BestEffortOrNull(p.`evaluated_at`, 9, 'UTC')), 'evaluated_at', ''),
        if(isNotNull(p.`fallback_ratio`) AND isNull(toDecimal128OrNull(p.`fallback_ratio`, 9)), 'fallback_ratio', ''),
        if(isNotNull(p.`evaluation_event_id`) AND isNull(toUUIDOrNull(p.`evaluation_event_id`)), 'evaluation_event_id', ''),
        if(isNotNull(p.`amends_event_id`) AND isNull(toUUIDOrNull(p.`amends_event_id`)), 'amends_event_id', ''),
        if(isNotNull(p.`baseline`) AND isNull(toDecimal128OrNull(p.`baseline`, 9)), 'baseline', ''),
        if(isNotNull(p.`terms`.`fallback_ratio_limit`) AND isNull(toDecimal128OrNull(p.`terms`.`fallback_ratio_limit`, 9)), 'terms_fallback_ratio_limit', ''),
        if(isNotNull(p.`terms`.`error_rate_limit`) AND isNull(toDecimal128OrNull(p.`terms`.`error_rate_limit`, 9)), 'terms_error_rate_limit', ''),
        if(isNotNull(p.`terms`.`drift_ratio_limit`) AND isNull(toDecimal128OrNull(p.`terms`.`drift_ratio_limit`, 9)), 'terms_drift_ratio_limit', ''),
        if(isNotNull(p.`terms`.`slippage_limit_bps`) AND isNull(toDecimal128OrNull(p.`terms`.`slippage_limit_bps`, 9)), 'terms_slippage_limit_bps', ''),
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
        JSONExtract(value, 'payload', 'Tuple(`incident_key` String, `breach_type` String, `severity` String, `rollback_triggered`
            Nullable(Bool), `symbols` Array(String), `verdict_event_id` Nullable(String), `observed`
            Nullable(String), `threshold` Nullable(String), `resolution` String, `actor` String, `reason` String,
            `resolved_at` Nullable(String), `rollout_id` String, `step` Nullable(Int64), `phase` String, `lane`
            String, `scope_symbols` Array(String), `scope_accounts` Array(String), `scope_share` Nullable(String),
            `stop_condition` String, `rollback_trigger` String, `fallback_ratio_limit` Nullable(String),
            `previous_phase` String, `policy_hash` String, `verdict` String, `window_start` Nullable(String),
            `window_end` Nullable(String), `sample` Nullable(Int64), `minimum_sample` Nullable(Int64), `evaluated_at`
            Nullable(String), `lean_total` Nullable(Int64), `fallback_total` Nullable(Int64), `fallback_ratio`
            Nullable(String), `hard_rollback_enabled` Nullable(Bool), `action` String, `evaluation_event_id`
            Nullable(String), `amends_event_id` Nullable(String), `trading_mode` String, `dry_run` Nullable(Bool),
            `is_closed` Nullable(Bool), `numerator` Nullable(Int64), `baseline` Nullable(String), `pending_total`
            Nullable(Int64), `overdue_total` Nullable(Int64), `terms` Tuple(`window_us` Nullable(Int64),
            `minimum_sample` Nullable(Int64), `pending_limit_us` Nullable(Int64), `fallback_ratio_limit`
            Nullable(String), `error_rate_limit` Nullable(String), `drift_ratio_limit` Nullable(String),
            `slippage_limit_bps` Nullable(String), `crypto_only` Nullable(Bool), `trading_mode` String,
            `hard_rollback_enabled` Nullable(Bool), `dry_run` Nullable(Bool)), `truncated` Nullable(Bool))') AS p
    FROM torghut.lean_canary_records
    WHERE toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
) AS record;

-- Each event once, however often it came.
CREATE OR REPLACE VIEW torghut.lean_canary AS
SELECT * FROM torghut.lean_canary_log FINAL;

-- What is no event is kept too: nothing that came is lost.
DROP VIEW IF EXISTS torghut.lean_canary_unread_writer;
CREATE MATERIALIZED VIEW torghut.lean_canary_unread_writer TO torghut.unread_log AS
SELECT
    'torghut.lean.canary.v1' AS topic,
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.lean_canary_records
WHERE concat(value, value_b64) != '' AND NOT (
    toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
);
