-- What the tables hold: the only place where it is written. kafka.sql and files.sql say where each lies, with
-- CREATE TABLE x WITH (…) LIKE x_columns, and nothing else.
--
-- A record's value is one event (schemas/). Decimals are strings there and DECIMAL here. The clock is ingest_ts, when
-- we took it in or made it: an answer has the event_ts of what it answers, and a broker's word that comes late would be
-- left out of its window. It has nanoseconds and Flink's clock milliseconds, so it is a column of its own. Our writers
-- may be some seconds apart: the watermark waits 10 s.

CREATE TABLE decisions_columns (
    event_id STRING NOT NULL,
    event_type STRING NOT NULL,
    event_ts TIMESTAMP_LTZ(9) NOT NULL,
    ingest_ts TIMESTAMP_LTZ(9) NOT NULL,
    account_label STRING,
    symbol STRING,
    payload ROW<
        decision_hash STRING,
        strategy_id STRING>,
    logged_at AS CAST(ingest_ts AS TIMESTAMP_LTZ(3)),
    WATERMARK FOR logged_at AS logged_at - INTERVAL '10' SECOND
);

CREATE TABLE order_intents_columns (
    event_id STRING NOT NULL,
    event_type STRING NOT NULL,
    event_ts TIMESTAMP_LTZ(9) NOT NULL,
    ingest_ts TIMESTAMP_LTZ(9) NOT NULL,
    account_label STRING,
    symbol STRING,
    payload ROW<
        decision_hash STRING,
        intent_id STRING,
        client_order_id STRING,
        execution_expected_adapter STRING,
        trading_mode STRING>,
    logged_at AS CAST(ingest_ts AS TIMESTAMP_LTZ(3)),
    WATERMARK FOR logged_at AS logged_at - INTERVAL '10' SECOND
);

CREATE TABLE route_columns (
    event_id STRING NOT NULL,
    event_type STRING NOT NULL,
    event_ts TIMESTAMP_LTZ(9) NOT NULL,
    ingest_ts TIMESTAMP_LTZ(9) NOT NULL,
    account_label STRING,
    symbol STRING,
    payload ROW<
        intent_id STRING,
        decision_hash STRING,
        client_order_id STRING,
        attempt_id STRING,
        attempt BIGINT,
        operation STRING,
        execution_adapter STRING,
        execution_route STRING,
        from_adapter STRING,
        to_adapter STRING,
        fallback_allowed BOOLEAN,
        resolution STRING,
        alpaca_order_id STRING,
        sent_at TIMESTAMP_LTZ(9),
        trading_mode STRING>,
    logged_at AS CAST(ingest_ts AS TIMESTAMP_LTZ(3)),
    WATERMARK FOR logged_at AS logged_at - INTERVAL '10' SECOND
);

CREATE TABLE order_events_columns (
    event_id STRING NOT NULL,
    event_type STRING NOT NULL,
    event_ts TIMESTAMP_LTZ(9) NOT NULL,
    ingest_ts TIMESTAMP_LTZ(9) NOT NULL,
    account_label STRING,
    symbol STRING,
    payload ROW<
        event_type STRING,
        classification STRING,
        alpaca_order_id STRING,
        client_order_id STRING,
        fill_qty DECIMAL(38, 9),
        fill_price DECIMAL(38, 9)>,
    logged_at AS CAST(ingest_ts AS TIMESTAMP_LTZ(3)),
    WATERMARK FOR logged_at AS logged_at - INTERVAL '10' SECOND
);

CREATE TABLE lean_shadow_columns (
    event_id STRING NOT NULL,
    event_type STRING NOT NULL,
    event_ts TIMESTAMP_LTZ(9) NOT NULL,
    ingest_ts TIMESTAMP_LTZ(9) NOT NULL,
    account_label STRING,
    symbol STRING,
    payload ROW<
        intent_id STRING,
        revision BIGINT,
        parity_status STRING,
        parity_delta_bps DECIMAL(38, 9)>,
    logged_at AS CAST(ingest_ts AS TIMESTAMP_LTZ(3)),
    WATERMARK FOR logged_at AS logged_at - INTERVAL '10' SECOND
);

-- What the queries write.

CREATE TABLE fallback_ratio_columns (
    window_start TIMESTAMP(3),
    window_end TIMESTAMP(3),
    account_label STRING,
    trading_mode STRING,
    asked BIGINT COMMENT 'Intents for which an attempt by LEAN was prepared.',
    kept BIGINT COMMENT 'LEAN has the order, or was right to refuse it.',
    fell_back BIGINT,
    pending BIGINT COMMENT 'Neither within five minutes.',
    fallback_ratio DOUBLE COMMENT 'Of those that were decided; null where none was.'
);

CREATE TABLE route_share_columns (
    window_start TIMESTAMP(3),
    window_end TIMESTAMP(3),
    account_label STRING,
    orders BIGINT,
    lean BIGINT,
    alpaca BIGINT,
    lean_to_alpaca BIGINT,
    lean_share DOUBLE
);

CREATE TABLE hop_latency_columns (
    window_start TIMESTAMP(3),
    window_end TIMESTAMP(3),
    hop STRING,
    orders BIGINT,
    mean_us DOUBLE,
    p50_us DOUBLE,
    p95_us DOUBLE,
    most_us BIGINT
);

CREATE TABLE shadow_parity_columns (
    judged_on DATE NOT NULL,
    account_label STRING NOT NULL,
    symbol STRING NOT NULL,
    intents BIGINT,
    passed BIGINT,
    drifted BIGINT,
    inconclusive BIGINT,
    delta_bps_sum DECIMAL(38, 9),
    delta_bps_most DECIMAL(38, 9),
    PRIMARY KEY (judged_on, account_label, symbol) NOT ENFORCED
);
