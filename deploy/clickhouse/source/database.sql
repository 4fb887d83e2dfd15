CREATE DATABASE IF NOT EXISTS torghut@cluster@;

-- Records of any topic that are no events of ours.
CREATE TABLE IF NOT EXISTS torghut.unread_log@cluster@ (
    topic LowCardinality(String),
    log_partition UInt32,
    log_offset UInt64,
    log_timestamp DateTime64(3, 'UTC'),
    key String,
    value String CODEC(ZSTD(3))
)
ENGINE = @replacing(unread_log, log_timestamp)@
PARTITION BY toYYYYMM(@clock(log_timestamp)@)
ORDER BY (topic, log_partition, log_offset)
TTL toDateTime(@clock(log_timestamp)@) + INTERVAL 12 MONTH
SETTINGS ttl_only_drop_parts = 1;

CREATE OR REPLACE VIEW torghut.unread@cluster@ AS
SELECT * FROM torghut.unread_log FINAL;
