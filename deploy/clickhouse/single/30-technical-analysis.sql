-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- What the stream job of technical analysis writes, by the names and keys of the original. The job writes at least
-- once: readers take ta_microbars_once, ta_signals_once or ta_signals_flat. A day is a part, and goes as a whole.
CREATE TABLE IF NOT EXISTS torghut.ta_microbars (
    symbol LowCardinality(String),
    event_ts DateTime64(3, 'UTC'),
    seq UInt64,
    ingest_ts DateTime64(3, 'UTC'),
    is_final UInt8,
    source LowCardinality(String),
    window_size LowCardinality(String),
    window_step Nullable(String),
    window_start Nullable(DateTime64(3, 'UTC')),
    window_end Nullable(DateTime64(3, 'UTC')),
    version UInt32,
    o Float64,
    h Float64,
    l Float64,
    c Float64,
    v Float64,
    vwap Nullable(Float64),
    count UInt64
)
ENGINE = ReplacingMergeTree(ingest_ts)
PARTITION BY toDate(event_ts)
ORDER BY (symbol, event_ts, seq)
TTL toDateTime(event_ts) + INTERVAL 30 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1;

-- Sizes are fractions where coins are traded; the original cut them to whole numbers.
CREATE TABLE IF NOT EXISTS torghut.ta_signals (
    symbol LowCardinality(String),
    event_ts DateTime64(3, 'UTC'),
    seq UInt64,
    ingest_ts DateTime64(3, 'UTC'),
    is_final UInt8,
    source LowCardinality(String),
    window_size LowCardinality(String),
    window_step Nullable(String),
    window_start Nullable(DateTime64(3, 'UTC')),
    window_end Nullable(DateTime64(3, 'UTC')),
    version UInt32,
    macd Nullable(Float64),
    macd_signal Nullable(Float64),
    macd_hist Nullable(Float64),
    ema12 Nullable(Float64),
    ema26 Nullable(Float64),
    rsi14 Nullable(Float64),
    boll_mid Nullable(Float64),
    boll_upper Nullable(Float64),
    boll_lower Nullable(Float64),
    vwap_session Nullable(Float64),
    vwap_w5m Nullable(Float64),
    imbalance_spread Nullable(Float64),
    imbalance_bid_px Nullable(Float64),
    imbalance_ask_px Nullable(Float64),
    imbalance_bid_sz Nullable(Float64),
    imbalance_ask_sz Nullable(Float64),
    vol_realized_w60s Nullable(Float64)
)
ENGINE = ReplacingMergeTree(ingest_ts)
PARTITION BY toDate(event_ts)
ORDER BY (symbol, event_ts, seq)
TTL toDateTime(event_ts) + INTERVAL 14 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1;

CREATE OR REPLACE VIEW torghut.ta_microbars_once AS
SELECT * FROM torghut.ta_microbars FINAL;

CREATE OR REPLACE VIEW torghut.ta_signals_once AS
SELECT * FROM torghut.ta_signals FINAL;

-- The flat shape of the original (TRADING_SIGNAL_SCHEMA=flat).
CREATE OR REPLACE VIEW torghut.ta_signals_flat AS
SELECT
    event_ts AS ts,
    symbol,
    macd,
    macd_signal,
    macd_signal AS signal,
    rsi14 AS rsi,
    rsi14,
    ema12 AS ema,
    vwap_session AS vwap,
    window_size AS timeframe,
    multiIf(
        imbalance_bid_px IS NOT NULL AND imbalance_ask_px IS NOT NULL, (imbalance_bid_px + imbalance_ask_px) / 2,
        coalesce(vwap_session, vwap_w5m)) AS price,
    price AS close,
    imbalance_spread AS spread,
    toJSONString(map(
        'macd', macd, 'macd_signal', macd_signal, 'macd_hist', macd_hist, 'ema12', ema12, 'ema26', ema26,
        'rsi14', rsi14, 'vwap_session', vwap_session, 'vwap_w5m', vwap_w5m,
        'vol_realized_w60s', vol_realized_w60s)) AS signal_json
FROM torghut.ta_signals FINAL;
