-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- torghut.lean.strategy-shadow.v1, keyed by strategy_id.

-- A record as `torghut log read` prints it; whatever is inserted here is passed on, and nothing stays.
CREATE TABLE IF NOT EXISTS torghut.lean_strategy_shadow_records (
    partition UInt32,
    offset UInt64,
    timestamp Int64 COMMENT 'Milliseconds since 1970.',
    key String,
    value String,
    value_b64 String COMMENT 'The value, where it is no text.'
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS torghut.lean_strategy_shadow_log (
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
    strategy_id String COMMENT 'The strategy.',
    unread_fields Array(LowCardinality(String)) COMMENT 'What is in payload and has no such type.'
)
ENGINE = ReplacingMergeTree(ingest_ts)
PARTITION BY toYYYYMM(if(event_ts BETWEEN '2020-01-01' AND '2089-12-31', event_ts, toDateTime64('2090-01-01', 3, 'UTC')))
ORDER BY (strategy_id, event_ts, event_id)
TTL toDateTime(if(ingest_ts BETWEEN '2020-01-01' AND '2089-12-31', ingest_ts, toDateTime64('2090-01-01', 3, 'UTC'))) + INTERVAL 84 MONTH
SETTINGS ttl_only_drop_parts = 1;

-- Fields of the payload; new ones come here and nowhere else, so that this file also brings an older table up to date.
ALTER TABLE torghut.lean_strategy_shadow_log
    ADD COLUMN IF NOT EXISTS run_id String COMMENT 'This evaluation.',
    ADD COLUMN IF NOT EXISTS decision_hash String COMMENT 'The decision it stood beside.',
    ADD COLUMN IF NOT EXISTS parity_status LowCardinality(String) COMMENT 'Whether both agree.',
    ADD COLUMN IF NOT EXISTS governance_json_parity_score Nullable(Decimal(38, 9)) COMMENT 'How alike both are.',
    ADD COLUMN IF NOT EXISTS governance_json_promotion_ready Nullable(Bool) COMMENT 'Whether it may.',
    ADD COLUMN IF NOT EXISTS governance_json_parity_minimum_met LowCardinality(String) COMMENT 'Whether parity reached its minimum.',
    ADD COLUMN IF NOT EXISTS governance_json_governance_minimum_met LowCardinality(String) COMMENT 'Whether governance reached its minimum.',
    ADD COLUMN IF NOT EXISTS governance_json_blocking_reason String COMMENT 'What stands against it.',
    ADD COLUMN IF NOT EXISTS governance_json_evaluations Nullable(Int64) COMMENT 'Evaluations that say whether both are alike, this one included.',
    ADD COLUMN IF NOT EXISTS governance_json_governance_score Nullable(Decimal(38, 9)) COMMENT 'Part of the evaluations within the strategy\'s limits.',
    ADD COLUMN IF NOT EXISTS governance_json_fills Nullable(Int64) COMMENT 'Real fills of its intents that were held against simulated ones.',
    ADD COLUMN IF NOT EXISTS governance_json_fill_score Nullable(Decimal(38, 9)) COMMENT 'Part of them within the limit.',
    ADD COLUMN IF NOT EXISTS disable_switch_active Nullable(Bool) COMMENT 'Whether the lanes were disabled.',
    ADD COLUMN IF NOT EXISTS authority_mode LowCardinality(String) COMMENT 'How much this proves.',
    ADD COLUMN IF NOT EXISTS latency_us Nullable(Int64) COMMENT 'How long it took.',
    ADD COLUMN IF NOT EXISTS checks_met LowCardinality(String) COMMENT 'Whether this intent alone is within the strategy\'s limits.',
    ADD COLUMN IF NOT EXISTS definition_hash String COMMENT 'Under which definition; evidence of another one is none of this.',
    ADD COLUMN IF NOT EXISTS failure_taxonomy LowCardinality(String) COMMENT 'How it failed.',
    ADD COLUMN IF NOT EXISTS http_status Nullable(Int64) COMMENT 'Status of the answer.',
    ADD COLUMN IF NOT EXISTS reason String COMMENT 'The answer\'s own words.',
    ADD INDEX IF NOT EXISTS log_offset_at log_offset TYPE minmax GRANULARITY 4,
    ADD INDEX IF NOT EXISTS decision_hash_at decision_hash TYPE bloom_filter(0.01) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS correlation_id_at correlation_id TYPE bloom_filter(0.01) GRANULARITY 4;

DROP VIEW IF EXISTS torghut.lean_strategy_shadow_writer;
CREATE MATERIALIZED VIEW torghut.lean_strategy_shadow_writer TO torghut.lean_strategy_shadow_log AS
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
    p.`run_id` AS run_id,
    p.`strategy_id` AS strategy_id,
    p.`decision_hash` AS decision_hash,
    p.`parity_status` AS parity_status,
    toDecimal128OrNull(p.`governance_json`.`parity_score`, 9) AS governance_json_parity_score,
    p.`governance_json`.`promotion_ready` AS governance_json_promotion_ready,
    p.`governance_json`.`parity_minimum_met` AS governance_json_parity_minimum_met,
    p.`governance_json`.`governance_minimum_met` AS governance_json_governance_minimum_met,
    p.`governance_json`.`blocking_reason` AS governance_json_blocking_reason,
    p.`governance_json`.`evaluations` AS governance_json_evaluations,
    toDecimal128OrNull(p.`governance_json`.`governance_score`, 9) AS governance_json_governance_score,
    p.`governance_json`.`fills` AS governance_json_fills,
    toDecimal128OrNull(p.`governance_json`.`fill_score`, 9) AS governance_json_fill_score,
    p.`disable_switch_active` AS disable_switch_active,
    p.`authority_mode` AS authority_mode,
    p.`latency_us` AS latency_us,
    p.`checks_met` AS checks_met,
    p.`definition_hash` AS definition_hash,
    p.`failure_taxonomy` AS failure_taxonomy,
    p.`http_status` AS http_status,
    p.`reason` AS reason,
    arrayFilter(name -> name != '', [
        if(isNotNull(p.`governance_json`.`parity_score`) AND isNull(toDecimal128OrNull(p.`governance_json`.`parity_score`, 9)), 'governance_json_parity_score', ''),
        if(isNotNull(p.`governance_json`.`governance_score`) AND isNull(toDecimal128OrNull(p.`governance_json`.`governance_score`, 9)), 'governance_json_governance_score', ''),
        if(isNotNull(p.`governance_json`.`fill_score`) AND isNull(toDecimal128OrNull(p.`governance_json`.`fill_score`, 9)), 'governance_json_fill_score', ''),
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
        JSONExtract(value, 'payload', 'Tuple(`run_id` String, `strategy_id` String, `decision_hash` String, `parity_status` String,
            `governance_json` Tuple(`parity_score` Nullable(String), `promotion_ready` Nullable(Bool),
            `parity_minimum_met` String, `governance_minimum_met` String, `blocking_reason` String, `evaluations`
            Nullable(Int64), `governance_score` Nullable(String), `fills` Nullable(Int64), `fill_score`
            Nullable(String)), `disable_switch_active` Nullable(Bool), `authority_mode` String, `latency_us`
            Nullable(Int64), `checks_met` String, `definition_hash` String, `failure_taxonomy` String, `http_status`
            Nullable(Int64), `reason` String)') AS p
    FROM torghut.lean_strategy_shadow_records
    WHERE toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
) AS record;

-- Each event once, however often it came.
CREATE OR REPLACE VIEW torghut.lean_strategy_shadow AS
SELECT * FROM torghut.lean_strategy_shadow_log FINAL;

-- What is no event is kept too: nothing that came is lost.
DROP VIEW IF EXISTS torghut.lean_strategy_shadow_unread_writer;
CREATE MATERIALIZED VIEW torghut.lean_strategy_shadow_unread_writer TO torghut.unread_log AS
SELECT
    'torghut.lean.strategy-shadow.v1' AS topic,
    partition AS log_partition,
    offset AS log_offset,
    fromUnixTimestamp64Milli(timestamp, 'UTC') AS log_timestamp,
    key,
    if(value_b64 = '', value, tryBase64Decode(value_b64)) AS value
FROM torghut.lean_strategy_shadow_records
WHERE concat(value, value_b64) != '' AND NOT (
    toUUIDOrNull(JSONExtractString(value, 'event_id')) IS NOT NULL
    AND JSONExtractString(value, 'event_type') != ''
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'event_ts'), 9, 'UTC') IS NOT NULL
    AND parseDateTime64BestEffortOrNull(JSONExtractString(value, 'ingest_ts'), 9, 'UTC') IS NOT NULL
);
