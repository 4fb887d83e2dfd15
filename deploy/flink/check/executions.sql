-- The orders of each way, over all windows: what queries/route_share.sql must come to.
SELECT
    alpaca_account_label AS account_label, count(*) AS orders, count(*) FILTER (WHERE execution_route = 'lean') AS lean,
    count(*) FILTER (WHERE execution_route = 'alpaca') AS alpaca,
    count(*) FILTER (WHERE execution_route = 'lean->alpaca') AS lean_to_alpaca
FROM executions WHERE execution_route IS NOT NULL GROUP BY 1 ORDER BY 1
