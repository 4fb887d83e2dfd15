-- The read models' word on queries/shadow_parity.sql.
SELECT
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS judged_on, alpaca_account_label AS account_label, symbol,
    count(*) AS intents, count(*) FILTER (WHERE parity_status = 'pass') AS passed,
    count(*) FILTER (WHERE parity_status = 'drift') AS drifted,
    count(*) FILTER (WHERE parity_status NOT IN ('pass', 'drift')) AS inconclusive,
    sum(parity_delta_bps) AS delta_bps_sum, max(parity_delta_bps) AS delta_bps_most
FROM (
    SELECT DISTINCT ON (alpaca_account_label, intent_id) * FROM lean_execution_shadow_events
    WHERE event_type = 'shadow.parity_judged' ORDER BY alpaca_account_label, intent_id, revision DESC) AS latest
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
