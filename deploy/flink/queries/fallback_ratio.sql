-- Per quarter of an hour: of the intents that LEAN was asked for, how many fell back. One unit is an intent, in the
-- window in which LEAN was to be asked, as the canary's gate counts (docs/gates.md).
INSERT INTO fallback_ratio
SELECT
    window_start, window_end, account_label, trading_mode,
    COUNT(*),
    SUM(CASE WHEN fell_back = 0 THEN 1 ELSE 0 END),
    SUM(CASE WHEN fell_back = 1 THEN 1 ELSE 0 END),
    SUM(CASE WHEN fell_back IS NULL THEN 1 ELSE 0 END),
    AVG(CAST(fell_back AS DOUBLE))
FROM (
    SELECT window_start, window_end, account_label, trading_mode, intent_id, MAX(fell_back) AS fell_back
    FROM TABLE(TUMBLE(TABLE lean_intents, DESCRIPTOR(logged_at), INTERVAL '15' MINUTE))
    GROUP BY window_start, window_end, account_label, trading_mode, intent_id
)
GROUP BY window_start, window_end, account_label, trading_mode;
