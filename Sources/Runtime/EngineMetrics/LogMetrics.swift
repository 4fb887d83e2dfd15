internal import Telemetry

/// What the log's engine does: the journal in this process, or librdkafka's handles.
struct LogMetrics: Sendable {
    let journalAppends: MeasuredCounter
    let journalGroups: MeasuredCounter
    let journalBytes: MeasuredCounter
    let journalSyncs: MeasuredCounter
    let journalSyncSeconds: MeasuredCounter
    let journalSegments: Gauge
    let journalDisk: Gauge
    let kafkaHandles: Family<Gauge>
    let kafkaMessages: Family<Counter>
    let kafkaBytes: Family<Counter>
    let kafkaRequests: Family<Counter>
    let kafkaQueued: Family<Gauge>
    let kafkaQueuedBytes: Family<Gauge>
    let kafkaConnections: Family<Gauge>
    let kafkaRoundTrip: Family<Gauge>
    let unreadStatistics: Counter

    init(in registry: Registry) {
        journalAppends = registry.measured(
            "torghut_journal_appends_total", "Appends that this process wrote to its journal.")
        journalGroups = registry.measured("torghut_journal_writes_total", "Writes that took them, several at a time.")
        journalBytes = registry.measured("torghut_journal_written_bytes_total", "Bytes of these writes.")
        journalSyncs = registry.measured("torghut_journal_fsyncs_total", "Syncs of the journal's segments.")
        journalSyncSeconds = registry.measured("torghut_journal_fsync_seconds_total", "How long these took together.")
        journalSegments = registry.gauge("torghut_journal_segments", "Segments that lie in the journal's folder.")
        journalDisk = registry.gauge("torghut_journal_disk_bytes", "Bytes of these segments.")
        kafkaHandles = registry.gauges(
            "torghut_kafka_handles", "Handles of librdkafka that reported of late.", by: ["type"])
        let direction = ["type", "direction"]
        kafkaMessages = registry.counters(
            "torghut_kafka_messages_total", "Messages to and from the brokers.", by: direction)
        kafkaBytes = registry.counters("torghut_kafka_message_bytes_total", "Their bytes.", by: direction)
        kafkaRequests = registry.counters(
            "torghut_kafka_requests_total", "Requests to the brokers and their answers.", by: direction)
        kafkaQueued = registry.gauges(
            "torghut_kafka_queued_messages", "Messages that wait in a producer's queue.", by: ["type"])
        kafkaQueuedBytes = registry.gauges("torghut_kafka_queued_bytes", "Their bytes.", by: ["type"])
        kafkaConnections = registry.gauges(
            "torghut_kafka_broker_connections", "Connections to brokers, by state.", by: ["state"])
        kafkaRoundTrip = registry.gauges(
            "torghut_kafka_broker_rtt_seconds", "Round trip to the slowest broker.", by: ["statistic"])
        unreadStatistics = registry.counter(
            "torghut_kafka_unread_statistics_total", "Reports of librdkafka that could not be read.")
    }
}
