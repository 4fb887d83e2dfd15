public import Core
internal import Synchronization

/// Takes spans, for whoever exports them; off, it costs a look at one optional.
///
/// It never waits: beyond its limit spans are dropped and counted.
public struct Tracing: Sendable {
    /// Spans that may wait for the exporter, unless told otherwise.
    public static let maximumWaiting = 2_048

    /// Records nothing.
    public static let off = Tracing(desk: nil)

    private let desk: SpanDesk?

    private init(desk: SpanDesk?) { self.desk = desk }

    /// `wake` is called when so many spans wait that a batch is full; `share` of all traces is recorded, from 0 to 1.
    public init(
        in registry: Registry, maximumWaiting: Int = Tracing.maximumWaiting, wakeAt: Int = 512, share: Double = 1,
        wake: @escaping @Sendable () -> Void
    ) {
        desk = SpanDesk(TracingMetrics(in: registry), maximumWaiting, wakeAt, share, wake)
    }

    public var isOn: Bool { desk != nil }

    /// Whether anybody keeps what happens in this trace: the same in every process, because the trace's id decides.
    public func records(_ trace: TraceContext.Trace) -> Bool { desk?.records(trace) ?? false }

    /// Keeps a span; off or not recorded, it is not even made.
    public func record(_ trace: TraceContext.Trace, _ make: () -> Span) {
        guard let desk, desk.records(trace) else { return }
        desk.put(make())
    }

    /// Keeps a caller's `tracestate`, for the requests of this process that belong to his trace.
    public func remember(_ state: String, of trace: TraceContext.Trace) { desk?.remember(state, of: trace) }

    public func state(of trace: TraceContext.Trace) -> String? { desk?.state(of: trace) }

    /// Takes at most so many of the spans that wait.
    public func take(upTo count: Int) -> [Span] { desk?.take(count) ?? [] }

    /// A span id of chance, for what happens at the edge and lies on no log.
    public static func anySpan() -> TraceContext.Span { TraceContext.Span(UInt64.random(in: 1...UInt64.max)) }

    /// A trace of chance, for what nobody else traces.
    public static func anyTrace() -> TraceContext.Trace {
        TraceContext.Trace(high: UInt64.random(in: 1...UInt64.max), low: UInt64.random(in: 0...UInt64.max))
    }
}

/// The spans that wait.
private final class SpanDesk: Sendable {
    /// Traces whose `tracestate` is remembered.
    static let maximumStates = 4_096

    private struct States {
        var known: [TraceContext.Trace: String] = [:]
        var order: [TraceContext.Trace] = []
    }

    private let waiting = Mutex<[Span]>([])
    private let states = Mutex(States())
    private let metrics: TracingMetrics
    private let maximumWaiting: Int
    private let wakeAt: Int
    /// Traces whose lower half, without its lowest byte, is below this are recorded.
    private let threshold: UInt64
    private let wake: @Sendable () -> Void

    init(
        _ metrics: TracingMetrics, _ maximumWaiting: Int, _ wakeAt: Int, _ share: Double,
        _ wake: @escaping @Sendable () -> Void
    ) {
        self.metrics = metrics
        self.maximumWaiting = maximumWaiting
        self.wakeAt = wakeAt
        self.wake = wake
        // Fifty-six bits, as the standard's consistent sampling has it: exact in a Double.
        threshold = UInt64(min(max(share, 0), 1) * Double(UInt64(1) << 56))
    }

    func records(_ trace: TraceContext.Trace) -> Bool { trace.low & (1 << 56 - 1) < threshold }

    func state(of trace: TraceContext.Trace) -> String? { states.withLock { $0.known[trace] } }

    func remember(_ state: String, of trace: TraceContext.Trace) {
        states.withLock { states in
            guard states.known.updateValue(state, forKey: trace) == nil else { return }
            states.order.append(trace)
            guard states.order.count > Self.maximumStates else { return }
            // The older half at once: one by one would move the rest each time.
            for old in states.order.prefix(Self.maximumStates / 2) { states.known[old] = nil }
            states.order.removeFirst(Self.maximumStates / 2)
        }
    }

    func put(_ span: Span) {
        let count = waiting.withLock { waiting in
            guard waiting.count < maximumWaiting else { return -1 }
            waiting.append(span)
            return waiting.count
        }
        guard count >= 0 else { return metrics.spans.labelled(TracingMetrics.Fate.noRoom.rawValue).increment() }
        metrics.waiting.set(count)
        if count == wakeAt { wake() }
    }

    func take(_ count: Int) -> [Span] {
        let (taken, left) = waiting.withLock { waiting in
            let taken = Array(waiting.prefix(count))
            waiting.removeFirst(taken.count)
            return (taken, waiting.count)
        }
        metrics.waiting.set(left)
        return taken
    }
}

/// What tracing says of itself.
public struct TracingMetrics: Sendable {
    /// What became of a span.
    public enum Fate: String, CaseIterable, Sendable {
        case exported
        /// The queue was full.
        case noRoom = "no_room"
        /// The collector refused it, or part of the batch.
        case refused
        /// The collector was not there for too long.
        case undelivered
    }

    public let spans: Family<Counter>
    public let waiting: Gauge
    public let exports: Histogram
    public let failures: Family<Counter>

    public init(in registry: Registry) {
        spans = registry.counters(
            "torghut_trace_spans_total", "Spans by what became of them; all but exported are lost.", by: ["fate"])
        waiting = registry.gauge("torghut_trace_spans_waiting", "Spans that wait for the exporter.")
        exports = registry.histogram("torghut_trace_export_seconds", "How long the collector took for one batch.")
        failures = registry.counters(
            "torghut_trace_export_failures_total", "Batches that the collector did not take at once, by why.",
            by: ["cause"])
        for fate in Fate.allCases { _ = spans.labelled(fate.rawValue) }
    }
}
