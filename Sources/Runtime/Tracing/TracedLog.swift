internal import Core
internal import Domain
internal import Synchronization
internal import Telemetry

/// The log as one role sees it, with a span for what that role sends and for what it works off to do so.
///
/// It stands before the log only while somebody asks for traces, and adds nothing to what is written.
struct TracedLog: ForwardedLog {
    let log: any EventLog
    let work: TracedWork

    func writer(named name: String) async throws(LogError) -> any EventWriter {
        TracedWriter(writer: try await log.writer(named: name), work: work)
    }

    func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader {
        TracedReader(reader: try await log.reader(from: starts, options), work: work)
    }
}

/// What one role has in hand, as far as its spans need it.
final class TracedWork: Sendable {
    /// Spans of working something off that are remembered, so that each is told once.
    static let maximumRemembered = 8_192

    private struct State {
        var readAt: Timestamp?
        var told: Set<TraceContext> = []
        var order: [TraceContext] = []
    }

    let tracing: Tracing
    let time: any TimeSource
    private let spans: EventSpans
    private let state = Mutex(State())

    init(_ tracing: Tracing, _ role: RoleName, system: String, _ time: any TimeSource) {
        self.tracing = tracing
        self.time = time
        spans = EventSpans(role: role, system: system)
    }

    func read() {
        let now = time.now()
        state.withLock { $0.readAt = now }
    }

    func sent(_ records: [NewRecord], at places: [RecordPosition], from start: Timestamp) {
        let end = time.now()
        let readAt = min(state.withLock { $0.readAt } ?? start, start)
        var reading = FactsReading()
        for (record, place) in zip(records, places) {
            guard let trace = Self.trace(of: record), tracing.records(trace), let facts = reading.facts(of: record)
            else { continue }
            tracing.record(trace) { spans.sent(facts, at: place, from: start, to: end) }
            guard let worked = spans.worked(facts, from: readAt, to: end), isNew(worked.context) else { continue }
            tracing.record(trace) { worked }
        }
    }

    /// Heartbeats say how a process is and follow from nothing; raw frames carry no trace.
    private static func trace(of record: NewRecord) -> TraceContext.Trace? {
        guard record.topic != TopicCatalog.heartbeats.name,
            let value = record.headers.first(where: { $0.name == "traceparent" })?.value,
            let text = String(validating: value, as: UTF8.self)
        else { return nil }
        return TraceContext(traceparent: text)?.trace
    }

    private func isNew(_ context: TraceContext) -> Bool {
        state.withLock { state in
            guard state.told.insert(context).inserted else { return false }
            state.order.append(context)
            guard state.order.count > Self.maximumRemembered else { return true }
            // The older half at once: one by one would move the rest each time.
            for old in state.order.prefix(Self.maximumRemembered / 2) { state.told.remove(old) }
            state.order.removeFirst(Self.maximumRemembered / 2)
            return true
        }
    }
}

private struct TracedWriter: EventWriter {
    let writer: any EventWriter
    let work: TracedWork

    @discardableResult
    func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
        let start = work.time.now()
        let places = try await writer.append(append)
        work.sent(append.records, at: places, from: start)
        return places
    }

    func close() async { await writer.close() }
}

private struct TracedReader: EventReader {
    let reader: any EventReader
    let work: TracedWork

    func next(waiting limit: Duration) async throws(LogError) -> RecordBatch {
        let batch = try await reader.next(waiting: limit)
        if !batch.isEmpty { work.read() }
        return batch
    }

    func close() async { await reader.close() }
}
