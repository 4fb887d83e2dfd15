-- Per day and symbol: how far real fills are from LEAN's shadows. Each intent counts once, by its last revision.
INSERT INTO shadow_parity
SELECT
    CAST(logged_at AS DATE), account_label, symbol,
    COUNT(*),
    SUM(CASE WHEN parity_status = 'pass' THEN 1 ELSE 0 END),
    SUM(CASE WHEN parity_status = 'drift' THEN 1 ELSE 0 END),
    SUM(CASE WHEN parity_status NOT IN ('pass', 'drift') THEN 1 ELSE 0 END),
    CAST(SUM(delta_bps) AS DECIMAL(38, 9)),
    MAX(delta_bps)
FROM (
    SELECT
        account_label, symbol, payload.parity_status AS parity_status, payload.parity_delta_bps AS delta_bps,
        logged_at,
        ROW_NUMBER() OVER (
            PARTITION BY account_label, payload.intent_id ORDER BY payload.revision DESC) AS latest
    FROM lean_shadow
    WHERE event_type = 'shadow.parity_judged'
)
WHERE latest = 1
GROUP BY CAST(logged_at AS DATE), account_label, symbol;
