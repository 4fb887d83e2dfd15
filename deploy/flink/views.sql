-- What several queries look at, or what a window is laid over. A producer may say a thing twice, so every query counts
-- ids and not records.

-- Each intent for which LEAN was to be asked, with what became of it; without an outcome after five minutes it pends.
CREATE TEMPORARY VIEW lean_asked AS
SELECT account_label, payload.intent_id AS intent_id, payload.trading_mode AS trading_mode, logged_at
FROM route
WHERE event_type = 'route.attempt_prepared' AND payload.execution_adapter = 'lean' AND payload.operation = 'submit';

CREATE TEMPORARY VIEW lean_outcomes AS
SELECT
    account_label,
    payload.intent_id AS intent_id,
    CASE WHEN event_type = 'route.fallback_decided' THEN 1 ELSE 0 END AS fell_back,
    logged_at AS decided_at
FROM route
WHERE (event_type = 'route.fallback_decided' AND payload.from_adapter = 'lean')
    OR (event_type = 'route.attempt_accepted' AND payload.execution_adapter = 'lean')
    OR (event_type = 'route.attempt_rejected' AND payload.execution_adapter = 'lean' AND NOT payload.fallback_allowed)
    OR (event_type = 'route.attempt_resolved' AND payload.execution_adapter = 'lean'
        AND payload.resolution IN ('live', 'rejected'));

CREATE TEMPORARY VIEW lean_intents AS
SELECT asked.account_label, asked.trading_mode, asked.intent_id, outcome.fell_back, asked.logged_at
FROM lean_asked AS asked
LEFT JOIN lean_outcomes AS outcome
    ON asked.intent_id = outcome.intent_id AND asked.account_label = outcome.account_label
    AND outcome.decided_at BETWEEN asked.logged_at AND asked.logged_at + INTERVAL '5' MINUTE;

-- Each order that an adapter has, as the router was told.
CREATE TEMPORARY VIEW taken_orders AS
SELECT
    account_label, symbol, payload.client_order_id AS client_order_id, payload.attempt_id AS attempt_id,
    payload.execution_route AS execution_route, payload.alpaca_order_id AS alpaca_order_id,
    EXTRACT(EPOCH FROM ingest_ts) * 1000000 + EXTRACT(MICROSECOND FROM ingest_ts) AS moment, logged_at
FROM route
WHERE event_type = 'route.attempt_accepted'
    OR (event_type = 'route.attempt_resolved' AND payload.resolution = 'live');

-- The steps of an order's way. A moment is in microseconds since 1970: TIMESTAMPDIFF knows no more than milliseconds.
CREATE TEMPORARY VIEW decided AS
SELECT
    account_label, payload.decision_hash AS decision_hash,
    EXTRACT(EPOCH FROM ingest_ts) * 1000000 + EXTRACT(MICROSECOND FROM ingest_ts) AS moment, logged_at
FROM decisions WHERE event_type = 'decision.recorded';

CREATE TEMPORARY VIEW intended AS
SELECT
    account_label, payload.decision_hash AS decision_hash, payload.intent_id AS intent_id,
    EXTRACT(EPOCH FROM ingest_ts) * 1000000 + EXTRACT(MICROSECOND FROM ingest_ts) AS moment, logged_at
FROM order_intents WHERE event_type = 'intent.emitted';

CREATE TEMPORARY VIEW prepared AS
SELECT
    account_label, payload.intent_id AS intent_id, payload.attempt_id AS attempt_id, payload.attempt AS attempt,
    EXTRACT(EPOCH FROM ingest_ts) * 1000000 + EXTRACT(MICROSECOND FROM ingest_ts) AS moment, logged_at
FROM route WHERE event_type = 'route.attempt_prepared' AND payload.operation = 'submit';

CREATE TEMPORARY VIEW sent AS
SELECT
    account_label, payload.attempt_id AS attempt_id,
    EXTRACT(EPOCH FROM payload.sent_at) * 1000000 + EXTRACT(MICROSECOND FROM payload.sent_at) AS moment, logged_at
FROM route WHERE event_type = 'route.attempt_sent';

CREATE TEMPORARY VIEW filled AS
SELECT
    account_label, payload.alpaca_order_id AS alpaca_order_id,
    EXTRACT(EPOCH FROM ingest_ts) * 1000000 + EXTRACT(MICROSECOND FROM ingest_ts) AS moment, logged_at
FROM order_events
WHERE event_type = 'order.broker_update_recorded' AND payload.event_type IN ('fill', 'partial_fill')
    AND payload.classification <> 'foreign';

-- How long an order was on each part of its way; the time is that of the part's beginning. A fill may be told before
-- the answer to its order: that is a time below zero, and is shown.
CREATE TEMPORARY VIEW hops AS
SELECT 'decided to intent' AS hop, a.account_label, a.decision_hash AS subject, b.moment - a.moment AS took_us,
    a.logged_at
FROM decided AS a JOIN intended AS b
    ON a.decision_hash = b.decision_hash AND a.account_label = b.account_label
    AND b.logged_at BETWEEN a.logged_at AND a.logged_at + INTERVAL '10' MINUTE
UNION ALL
SELECT 'intent to prepared', a.account_label, a.intent_id, b.moment - a.moment, a.logged_at
FROM intended AS a JOIN prepared AS b
    ON a.intent_id = b.intent_id AND a.account_label = b.account_label AND b.attempt = 1
    AND b.logged_at BETWEEN a.logged_at AND a.logged_at + INTERVAL '10' MINUTE
UNION ALL
SELECT 'prepared to sent', a.account_label, a.attempt_id, b.moment - a.moment, a.logged_at
FROM prepared AS a JOIN sent AS b
    ON a.attempt_id = b.attempt_id AND a.account_label = b.account_label
    AND b.logged_at BETWEEN a.logged_at AND a.logged_at + INTERVAL '10' MINUTE
UNION ALL
SELECT 'sent to taken', a.account_label, a.attempt_id, b.moment - a.moment, a.logged_at
FROM sent AS a JOIN taken_orders AS b
    ON a.attempt_id = b.attempt_id AND a.account_label = b.account_label
    AND b.logged_at BETWEEN a.logged_at - INTERVAL '1' MINUTE AND a.logged_at + INTERVAL '10' MINUTE
UNION ALL
SELECT 'taken to first fill', a.account_label, a.alpaca_order_id, b.moment - a.moment, a.logged_at
FROM taken_orders AS a JOIN filled AS b
    ON a.alpaca_order_id = b.alpaca_order_id AND a.account_label = b.account_label
    AND b.logged_at BETWEEN a.logged_at - INTERVAL '1' MINUTE AND a.logged_at + INTERVAL '60' MINUTE;
