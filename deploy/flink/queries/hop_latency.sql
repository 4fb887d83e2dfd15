-- Per quarter of an hour and hop of an order's way: how long it took, in microseconds.
INSERT INTO hop_latency
SELECT
    window_start, window_end, hop,
    COUNT(*),
    AVG(CAST(took_us AS DOUBLE)),
    PERCENTILE(took_us, 0.5),
    PERCENTILE(took_us, 0.95),
    MAX(took_us)
FROM (
    SELECT window_start, window_end, hop, account_label, subject, MIN(took_us) AS took_us
    FROM TABLE(TUMBLE(TABLE hops, DESCRIPTOR(logged_at), INTERVAL '15' MINUTE))
    GROUP BY window_start, window_end, hop, account_label, subject
)
GROUP BY window_start, window_end, hop;
