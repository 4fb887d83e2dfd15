-- The same tables over files: one topic as 'torghut log read --values' prints it. job.sh puts the folders in.

CREATE TABLE decisions WITH (
    'connector' = 'filesystem', 'path' = '@INPUT@/torghut.decisions.v1.jsonl', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601'
) LIKE decisions_columns;

CREATE TABLE order_intents WITH (
    'connector' = 'filesystem', 'path' = '@INPUT@/torghut.order-intents.v1.jsonl', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601'
) LIKE order_intents_columns;

CREATE TABLE route WITH (
    'connector' = 'filesystem', 'path' = '@INPUT@/torghut.route.v1.jsonl', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601'
) LIKE route_columns;

CREATE TABLE order_events WITH (
    'connector' = 'filesystem', 'path' = '@INPUT@/torghut.order-events.v1.jsonl', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601'
) LIKE order_events_columns;

CREATE TABLE lean_shadow WITH (
    'connector' = 'filesystem', 'path' = '@INPUT@/torghut.lean.shadow.v1.jsonl', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601'
) LIKE lean_shadow_columns;

CREATE TABLE fallback_ratio WITH (
    'connector' = 'filesystem', 'path' = '@OUTPUT@/fallback_ratio', 'format' = 'json'
) LIKE fallback_ratio_columns;

CREATE TABLE route_share WITH (
    'connector' = 'filesystem', 'path' = '@OUTPUT@/route_share', 'format' = 'json'
) LIKE route_share_columns;

CREATE TABLE hop_latency WITH (
    'connector' = 'filesystem', 'path' = '@OUTPUT@/hop_latency', 'format' = 'json'
) LIKE hop_latency_columns;

CREATE TABLE shadow_parity WITH (
    'connector' = '@PARITY@'
) LIKE shadow_parity_columns;
