internal import JSON
internal import Telemetry

/// What one handle of librdkafka counted since it was made, as far as we show it.
struct KafkaReport {
    let type: String
    var sent = Traffic()
    var received = Traffic()
    let queued: Double
    let queuedBytes: Double
    /// Connections to brokers by state.
    var connections: [String: Int] = [:]
    /// In seconds, of the slowest broker.
    var average = 0.0
    var worst = 0.0

    struct Traffic {
        var messages: Int64 = 0
        var bytes: Int64 = 0
        var requests: Int64 = 0
    }

    /// States that librdkafka has; another one is told as `OTHER`.
    private static let states = ["INIT", "DOWN", "CONNECT", "AUTH", "APIVERSION_QUERY", "UP", "UPDATE"]

    init?(_ text: String) {
        var parser = JSONParser(limits: JSONLimits(maximumBytes: 32 << 20))
        do throws(JSONError) {
            let root = try parser.parse(Array(text.utf8))
            guard let type = root.field("type")?.string else { return nil }
            self.type = type == "producer" || type == "consumer" ? type : "other"
            func number(_ value: JSONValue, _ name: StaticString) -> Int64 { value.field(name)?.int64 ?? 0 }
            sent = Traffic(
                messages: number(root, "txmsgs"), bytes: number(root, "txmsg_bytes"), requests: number(root, "tx"))
            received = Traffic(
                messages: number(root, "rxmsgs"), bytes: number(root, "rxmsg_bytes"), requests: number(root, "rx"))
            queued = Double(number(root, "msg_cnt"))
            queuedBytes = Double(number(root, "msg_size"))
            guard var brokers = root.field("brokers")?.fields() else { return }
            while let broker = brokers.next() {
                let state = broker.value.field("state")?.string ?? ""
                connections[Self.states.contains(state) ? state : "OTHER", default: 0] += 1
                guard let rtt = broker.value.field("rtt") else { continue }
                average = max(average, Double(number(rtt, "avg")) / 1e6)
                worst = max(worst, Double(number(rtt, "p99")) / 1e6)
            }
        } catch { return nil }
    }
}

/// The handles of this process: each counts from zero, and some live for one append only.
struct KafkaHandles {
    /// Handles that are remembered, so that what they count is counted once.
    static let maximumHandles = 1_024
    /// Who has not reported for so long is gone.
    static let silence: Duration = .seconds(20)

    private struct Entry {
        var report: KafkaReport
        var at: ContinuousClock.Instant
    }

    private var entries: [String: Entry] = [:]
    var count: Int { entries.count }

    /// Who was silent for a while goes on where it was: what it had counted is remembered.
    mutating func take(
        _ report: KafkaReport, of client: String, _ metrics: LogMetrics,
        at now: ContinuousClock.Instant = .now
    ) {
        let before = entries[client]?.report
        count(report.sent, before?.sent, report.type, "sent", metrics)
        count(report.received, before?.received, report.type, "received", metrics)
        if before == nil, entries.count >= Self.maximumHandles { forgetOldest() }
        entries[client] = Entry(report: report, at: now)
        show(metrics, at: now)
    }

    /// Most likely one that was closed long ago: handles do not come back.
    private mutating func forgetOldest() {
        guard let oldest = entries.min(by: { $0.value.at < $1.value.at }) else { return }
        entries[oldest.key] = nil
    }

    private func count(
        _ now: KafkaReport.Traffic, _ before: KafkaReport.Traffic?, _ type: String, _ direction: String,
        _ metrics: LogMetrics
    ) {
        func more(_ now: Int64, _ before: Int64?) -> UInt64 { UInt64(max(0, now - (before ?? 0))) }
        metrics.kafkaMessages.labelled(type, direction).increment(by: more(now.messages, before?.messages))
        metrics.kafkaBytes.labelled(type, direction).increment(by: more(now.bytes, before?.bytes))
        metrics.kafkaRequests.labelled(type, direction).increment(by: more(now.requests, before?.requests))
    }

    private func show(_ metrics: LogMetrics, at now: ContinuousClock.Instant) {
        var connections: [String: Int] = [:]
        let live = entries.values.filter { now - $0.at < Self.silence }
        for (type, all) in Dictionary(grouping: entries.values, by: \.report.type) {
            let some = all.filter { now - $0.at < Self.silence }
            metrics.kafkaHandles.labelled(type).set(some.count)
            metrics.kafkaQueued.labelled(type).set(some.reduce(0) { $0 + $1.report.queued })
            metrics.kafkaQueuedBytes.labelled(type).set(some.reduce(0) { $0 + $1.report.queuedBytes })
            for entry in some { connections.merge(entry.report.connections, uniquingKeysWith: +) }
        }
        metrics.kafkaConnections.removeAll()
        for (state, count) in connections { metrics.kafkaConnections.labelled(state).set(count) }
        metrics.kafkaRoundTrip.labelled("avg").set(live.map(\.report.average).max() ?? 0)
        metrics.kafkaRoundTrip.labelled("p99").set(live.map(\.report.worst).max() ?? 0)
    }
}
