-- Production: topics of the log in, four topics of our own out. job.sh puts the brokers' address in.
-- Credentials stand in a JAAS file of the Flink processes (docs/flink.md), never here.

CREATE TABLE decisions WITH (
    'connector' = 'kafka', 'topic' = 'torghut.decisions.v1', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601', 'scan.startup.mode' = 'group-offsets',
    'properties.auto.offset.reset' = 'earliest', 'properties.isolation.level' = 'read_committed',
    'properties.bootstrap.servers' = '@BOOTSTRAP@', 'properties.group.id' = 'torghut-flink'
) LIKE decisions_columns;

CREATE TABLE order_intents WITH (
    'connector' = 'kafka', 'topic' = 'torghut.order-intents.v1', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601', 'scan.startup.mode' = 'group-offsets',
    'properties.auto.offset.reset' = 'earliest', 'properties.isolation.level' = 'read_committed',
    'properties.bootstrap.servers' = '@BOOTSTRAP@', 'properties.group.id' = 'torghut-flink'
) LIKE order_intents_columns;

CREATE TABLE route WITH (
    'connector' = 'kafka', 'topic' = 'torghut.route.v1', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601', 'scan.startup.mode' = 'group-offsets',
    'properties.auto.offset.reset' = 'earliest', 'properties.isolation.level' = 'read_committed',
    'properties.bootstrap.servers' = '@BOOTSTRAP@', 'properties.group.id' = 'torghut-flink'
) LIKE route_columns;

CREATE TABLE order_events WITH (
    'connector' = 'kafka', 'topic' = 'torghut.order-events.v1', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601', 'scan.startup.mode' = 'group-offsets',
    'properties.auto.offset.reset' = 'earliest', 'properties.isolation.level' = 'read_committed',
    'properties.bootstrap.servers' = '@BOOTSTRAP@', 'properties.group.id' = 'torghut-flink'
) LIKE order_events_columns;

-- Parity says a day's row anew: a job that is begun again without its checkpoint would put the rest of a day over the
-- whole. So it reads all of the topic, which is kept forever; a checkpoint goes before this.
CREATE TABLE lean_shadow WITH (
    'connector' = 'kafka', 'topic' = 'torghut.lean.shadow.v1', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601', 'scan.startup.mode' = 'earliest-offset',
    'properties.isolation.level' = 'read_committed', 'properties.bootstrap.servers' = '@BOOTSTRAP@',
    'properties.group.id' = 'torghut-flink'
) LIKE lean_shadow_columns;

-- A window is said once, when it is over.

CREATE TABLE fallback_ratio WITH (
    'connector' = 'kafka', 'topic' = 'torghut.flink.fallback-ratio.v1', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601', 'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'torghut-flink-fallback-ratio', 'properties.transaction.timeout.ms' = '600000',
    'properties.bootstrap.servers' = '@BOOTSTRAP@'
) LIKE fallback_ratio_columns;

CREATE TABLE route_share WITH (
    'connector' = 'kafka', 'topic' = 'torghut.flink.route-share.v1', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601', 'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'torghut-flink-route-share', 'properties.transaction.timeout.ms' = '600000',
    'properties.bootstrap.servers' = '@BOOTSTRAP@'
) LIKE route_share_columns;

CREATE TABLE hop_latency WITH (
    'connector' = 'kafka', 'topic' = 'torghut.flink.hop-latency.v1', 'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601', 'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'torghut-flink-hop-latency', 'properties.transaction.timeout.ms' = '600000',
    'properties.bootstrap.servers' = '@BOOTSTRAP@'
) LIKE hop_latency_columns;

-- A day's parity is said again whenever an intent is judged, or judged anew: the latest row of a key counts.

CREATE TABLE shadow_parity WITH (
    'connector' = 'upsert-kafka', 'topic' = 'torghut.flink.shadow-parity.v1', 'key.format' = 'json',
    'value.format' = 'json', 'value.json.timestamp-format.standard' = 'ISO-8601',
    'properties.bootstrap.servers' = '@BOOTSTRAP@'
) LIKE shadow_parity_columns;
