-- Per quarter of an hour: the orders that were taken, by the way they went.
INSERT INTO route_share
SELECT
    window_start, window_end, account_label,
    COUNT(*),
    SUM(CASE WHEN execution_route = 'lean' THEN 1 ELSE 0 END),
    SUM(CASE WHEN execution_route = 'alpaca' THEN 1 ELSE 0 END),
    SUM(CASE WHEN execution_route = 'lean->alpaca' THEN 1 ELSE 0 END),
    AVG(CASE WHEN execution_route = 'lean' THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END)
FROM (
    SELECT window_start, window_end, account_label, symbol, client_order_id, execution_route
    FROM TABLE(TUMBLE(TABLE taken_orders, DESCRIPTOR(logged_at), INTERVAL '15' MINUTE))
    GROUP BY window_start, window_end, account_label, symbol, client_order_id, execution_route
)
GROUP BY window_start, window_end, account_label;
