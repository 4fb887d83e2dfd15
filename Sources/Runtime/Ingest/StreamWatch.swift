internal import Core
internal import Domain
internal import Ingest
internal import Synchronization
internal import Telemetry

/// Hears what the stream's client does: counts it under the original's names, writes it down, says how the part is.
final class StreamWatch: StreamObserver {
    private let house: House
    /// What the stream is called on the board of roles.
    private let part: String
    private let metrics: StreamMetrics
    private let wasReady = Mutex(false)

    init(_ house: House, part: String) {
        self.house = house
        self.part = part
        metrics = StreamMetrics(in: house.registry)
    }

    /// Nobody asked for a stream of ours: nothing has to wait for it.
    func isDisabled() { metrics.gates.labelled(StreamStanding.Gate.tradeUpdates.rawValue).set(1) }

    func changed(_ standing: StreamStanding) {
        metrics.show(standing)
        let isReady = standing.isReady
        let before = wasReady.withLock { was in
            defer { was = isReady }
            return was
        }
        if before, let trouble = standing.errorClass {
            metrics.readinessErrors.labelled(trouble.rawValue).increment()
        }
        if isReady {
            house.board.set(.ingest, part: part, .running)
        } else {
            house.board.set(.ingest, part: part, .degraded, standing.description)
        }
    }

    func received(lag: Duration?) {
        metrics.frames.labelled("update").increment()
        if let lag { metrics.lag.observe(max(.zero, lag)) }
    }

    func committed(_ counts: StreamCounts, took: Duration) {
        metrics.updates.labelled("ws").increment(by: UInt64(counts.live))
        metrics.updates.labelled("rest").increment(by: UInt64(counts.asked))
        metrics.appends.observe(took)
        metrics.batches.observe(Double(counts.live + counts.asked))
        ControlPlaneMetrics(in: house.registry).turned(.stream, took)
        house.board.progressed(.ingest)
    }

    func buffered(_ updates: Int) {
        metrics.buffered.set(Double(updates))
        ControlPlaneMetrics(in: house.registry).waits(updates, in: .stream)
    }

    func noted(_ note: StreamNote) {
        switch note {
        case .leaseTaken(let epoch, let until):
            house.logbook.info(
                "stream_lease_taken",
                ["epoch": .integer(epoch), "complete_until": .text(until.map(\.description) ?? "never")])
        case .connected: metrics.connects.increment()
        case .listening(let connection):
            house.logbook.info("stream_listening", ["connection": .integer(Int64(connection))])
        case .ended(let end, let connection, let pause): ended(end, connection, pause)
        case .garbage(let what):
            metrics.frames.labelled("garbage").increment()
            house.logbook.warning("stream_garbage", ["what": .text(what)])
        case .gapOpened(let since): house.logbook.info("stream_gap_opened", ["since": .text(since.description)])
        case .gapRetrying(let taxonomy, let pause):
            metrics.gapFailures.labelled(taxonomy.rawValue).increment()
            house.logbook.warning(
                "stream_gap_retrying", ["why": .text(taxonomy.rawValue), "pause": .duration(pause)])
        case .gapLeft(let order, let taxonomy):
            metrics.gapLeft.labelled("order").increment()
            house.logbook.warning("stream_gap_left", ["order": .text(order), "why": .text(taxonomy.rawValue)])
        case .gapUnread(let what):
            metrics.gapLeft.labelled("entry").increment()
            house.logbook.warning("stream_gap_unread", ["what": .text(what)])
        case .gapClosed(let orders, let executions, let took):
            metrics.gaps.increment()
            house.logbook.info(
                "stream_gap_closed",
                ["orders": .integer(orders), "executions": .integer(executions), "took": .duration(took)])
        case .appendFailed(let error):
            metrics.sendErrors.increment()
            house.logbook.warning("stream_append_failed", ["why": .failure(error)])
        case .retrying(let error):
            house.board.failed(.ingest, error)
            house.logbook.warning("stream_retrying", ["why": .failure(error)])
            house.board.set(.ingest, part: part, .degraded, error.description)
        case .fenced: house.logbook.error("stream_fenced", [:])
        case .leftBehind(let updates): house.logbook.warning("stream_left_behind", ["updates": .integer(updates)])
        }
    }

    private func ended(_ end: StreamEnd, _ connection: Int, _ pause: Duration) {
        metrics.reconnects.increment()
        if case .frameTooLarge = end { metrics.frames.labelled("too_large").increment() }
        metrics.connectErrors.labelled(end.errorClass.rawValue).increment()
        // Of our processes only this one is connected: then it is a program that is none of ours, or a connection of
        // ours that the broker still believes in.
        let isOther = end.errorClass == .secondConnection
        house.logbook.warning(
            "stream_ended",
            [
                "connection": .integer(Int64(connection)), "error_class": .text(end.errorClass.rawValue),
                "why": .text(end.description + (isOther ? "; the lease is ours" : "")), "pause": .duration(pause),
            ])
    }
}

/// What the stream measures of itself: the original's names, and ours beside them.
struct StreamMetrics {
    let reconnects: Counter
    let connects: Counter
    let connectErrors: Family<Counter>
    let sendErrors: Counter
    let lag: Histogram
    let readinessErrors: Family<Counter>
    let gates: Family<Gauge>
    let frames: Family<Counter>
    let updates: Family<Counter>
    let gaps: Counter
    let gapFailures: Family<Counter>
    let gapLeft: Family<Counter>
    let buffered: Gauge
    let appends: Histogram
    let batches: Histogram
    private let ready: Gauge
    private let errorClasses: Family<Gauge>

    init(in registry: Registry) {
        reconnects = registry.counter("torghut_ws_reconnects_total", "Connections to the broker's stream that ended.")
        connects = registry.counter(
            "torghut_ws_ws_connect_success_total", "Connections to the broker's stream that were opened.")
        connectErrors = registry.counters(
            "torghut_ws_ws_connect_errors_total", "Ends of connections, by class.", by: ["error_class"])
        sendErrors = registry.counter(
            "torghut_ws_kafka_send_errors_total", "Appends of updates that failed; each is repeated.")
        lag = registry.histogram(
            "torghut_ws_lag_seconds", "From the broker's time of an update to its arrival.",
            bounds: [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
            original: .milliseconds(
                "torghut_ws_lag_ms", "From the broker's time of an update to its arrival, in milliseconds."))
        ready = registry.gauge("torghut_ws_readyz_status", "1 when every gate of the stream is open.")
        errorClasses = registry.gauges(
            "torghut_ws_readyz_error_class", "1 for what keeps the stream from being ready.", by: ["error_class"])
        gates = registry.gauges("torghut_ws_readyz_gate_status", "1 for a gate that is open.", by: ["gate"])
        readinessErrors = registry.counters(
            "torghut_ws_readiness_errors_total", "How often the stream was ready no more, by class.",
            by: ["error_class"])
        frames = registry.counters("torghut_stream_frames_total", "Messages of the stream, by kind.", by: ["kind"])
        updates = registry.counters(
            "torghut_stream_updates_total", "Updates that became durable, by how they came.", by: ["source"])
        gaps = registry.counter("torghut_stream_gaps_closed_total", "Gaps that were closed from the broker's lists.")
        gapFailures = registry.counters(
            "torghut_stream_gap_failures_total", "Questions about a gap that were not answered, by reason.",
            by: ["reason"])
        gapLeft = registry.counters(
            "torghut_stream_gap_left_total", "What the lists could not tell and the reconciler has to find, by kind.",
            by: ["kind"])
        buffered = registry.gauge("torghut_stream_buffered_updates", "Updates that wait for the log.")
        appends = registry.histogram(
            "torghut_stream_append_seconds", "From taking updates off the buffer to their durable records.",
            bounds: Histogram.latencies)
        batches = registry.histogram(
            "torghut_stream_batch_updates", "Updates that became durable with one append.", bounds: Histogram.sizes)
    }

    func show(_ standing: StreamStanding) {
        ready.set(standing.isReady ? 1 : 0)
        for gate in StreamStanding.Gate.allCases { gates.labelled(gate.rawValue).set(standing.isOpen(gate) ? 1 : 0) }
        for trouble in StreamTrouble.allCases {
            errorClasses.labelled(trouble.rawValue).set(standing.errorClass == trouble ? 1 : 0)
        }
    }
}
