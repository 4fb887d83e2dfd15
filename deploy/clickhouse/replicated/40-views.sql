-- Written by ddl.py; do not edit. How it is applied: docs/clickhouse.md.

-- Executions: each slice once, with what became of it, by the rules of docs/read-models.md (execution_fills).
CREATE OR REPLACE VIEW torghut.fills ON CLUSTER '{cluster}' AS
SELECT
    account_label,
    execution_id,
    symbol,
    minIf(report.client_order_id, report.client_order_id != '') AS client_order_id,
    countIf(is_bust) > 0 AS is_busted,
    countIf(is_correction) > 0 AS is_corrected,
    argMinIf(fill_qty, at, NOT is_bust AND NOT is_correction) AS filled_qty,
    argMinIf(fill_price, at, NOT is_bust AND NOT is_correction) AS filled_price,
    argMaxIf(fill_qty, at, is_correction) AS corrected_qty,
    argMaxIf(fill_price, at, is_correction) AS corrected_price,
    if(is_busted, toDecimal128(0, 9), coalesce(if(is_corrected, corrected_qty, NULL), filled_qty, toDecimal128(0, 9)))
        AS effective_qty,
    if(is_busted, NULL, if(is_corrected, corrected_price, filled_price)) AS effective_price,
    min(event_ts) AS created_at,
    max(event_ts) AS updated_at
FROM (
    SELECT
        account_label, execution_id, symbol, client_order_id, fill_qty, fill_price, event_ts,
        payload_event_type = 'trade_bust' AS is_bust,
        payload_event_type = 'trade_correct' AS is_correction,
        (toDateTime64(ifNull(broker_event_ts, event_ts), 6, 'UTC'), toString(event_id)) AS at
    FROM torghut.order_events
    WHERE event_type = 'order.broker_update_recorded' AND classification != 'foreign' AND execution_id != ''
        AND (payload_event_type = 'trade_bust' OR (fill_qty > 0 AND fill_price >= 0))
) AS report
GROUP BY account_label, execution_id, symbol;

-- Attempts to bring an intent to an adapter, with how each ended (route_attempts).
CREATE OR REPLACE VIEW torghut.attempts ON CLUSTER '{cluster}' AS
SELECT
    account_label,
    attempt_id,
    symbol,
    any(step.intent_id) AS intent_id,
    any(step.decision_hash) AS decision_hash,
    any(step.client_order_id) AS client_order_id,
    argMinIf(step.execution_expected_adapter, step.event_ts, step.execution_expected_adapter != '')
        AS execution_expected_adapter,
    argMinIf(step.execution_adapter, step.event_ts, step.execution_adapter != '') AS execution_adapter,
    ['prepared', 'sent', 'unknown', 'rejected', 'not_live', 'accepted'][max(rank)] AS state,
    minIf(event_ts, event_type = 'route.attempt_prepared') AS prepared_at,
    max(event_ts) AS updated_at
FROM (
    SELECT
        *,
        multiIf(
            event_type = 'route.attempt_accepted' OR (event_type = 'route.attempt_resolved' AND resolution = 'live'), 6,
            event_type = 'route.attempt_resolved' AND resolution = 'not_live', 5,
            event_type IN ('route.attempt_rejected', 'route.attempt_resolved'), 4,
            event_type = 'route.attempt_unknown', 3,
            event_type = 'route.attempt_sent', 2,
            1) AS rank
    FROM torghut.route
    WHERE event_type IN (
        'route.attempt_prepared', 'route.attempt_sent', 'route.attempt_accepted', 'route.attempt_rejected',
        'route.attempt_unknown', 'route.attempt_resolved', 'route.fallback_decided')
) AS step
GROUP BY account_label, attempt_id, symbol;

-- The last word on each intent's shadow: how far the real fill was from the simulated one.
CREATE OR REPLACE VIEW torghut.shadow_parity ON CLUSTER '{cluster}' AS
SELECT *
FROM torghut.lean_shadow
WHERE event_type = 'shadow.parity_judged'
ORDER BY revision DESC
LIMIT 1 BY intent_id;
