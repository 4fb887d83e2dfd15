-- The read models' word on queries/route_share.sql.
SELECT
    to_char(date_bin('15 minutes', event_ts, '2000-01-01 00:00:00+00') AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
        AS window_start,
    to_char((date_bin('15 minutes', event_ts, '2000-01-01 00:00:00+00') + interval '15 minutes') AT TIME ZONE 'UTC',
        'YYYY-MM-DD HH24:MI:SS') AS window_end,
    account_label, count(*) AS orders, count(*) FILTER (WHERE route = 'lean') AS lean,
    count(*) FILTER (WHERE route = 'alpaca') AS alpaca, count(*) FILTER (WHERE route = 'lean->alpaca') AS lean_to_alpaca,
    count(*) FILTER (WHERE route = 'lean')::float8 / count(*) AS lean_share
FROM (
    SELECT DISTINCT
        alpaca_account_label AS account_label, symbol, client_order_id, details_json ->> 'execution_route' AS route,
        event_ts
    FROM route_steps
    WHERE event_type = 'route.attempt_accepted'
        OR (event_type = 'route.attempt_resolved' AND details_json ->> 'resolution' = 'live')) AS taken
GROUP BY 1, 2, 3 ORDER BY 1, 2
