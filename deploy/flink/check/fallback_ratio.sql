-- The read models' word on queries/fallback_ratio.sql.
SELECT
    to_char(date_bin('15 minutes', asked_at, '2000-01-01 00:00:00+00') AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
        AS window_start,
    to_char((date_bin('15 minutes', asked_at, '2000-01-01 00:00:00+00') + interval '15 minutes') AT TIME ZONE 'UTC',
        'YYYY-MM-DD HH24:MI:SS') AS window_end,
    account_label, trading_mode, count(*) AS asked, count(*) FILTER (WHERE kept AND NOT fell_back) AS kept,
    count(*) FILTER (WHERE fell_back) AS fell_back, count(*) FILTER (WHERE NOT kept AND NOT fell_back) AS pending,
    count(*) FILTER (WHERE fell_back)::float8 / nullif(count(*) FILTER (WHERE kept OR fell_back), 0) AS fallback_ratio
FROM (
    SELECT
        alpaca_account_label AS account_label, intent_id, min(trading_mode) AS trading_mode,
        min(created_at) AS asked_at, bool_or(fallback_to IS NOT NULL) AS fell_back,
        bool_or(state = 'accepted' OR (state = 'rejected'
            AND (fallback_allowed IS FALSE OR resolution IS NOT DISTINCT FROM 'rejected'))) AS kept
    FROM route_attempts
    WHERE execution_adapter = 'lean' AND operation = 'submit'
    GROUP BY alpaca_account_label, intent_id) AS intents
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3
