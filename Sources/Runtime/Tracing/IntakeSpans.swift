internal import API
internal import Core
internal import Domain
internal import Telemetry
internal import Wire

/// The spans of decisions that were taken in over the API: the first of their stories.
struct IntakeSpans: Sendable {
    private let tracing: Tracing
    private let time: any TimeSource
    private let spans: EventSpans

    init(_ house: House) {
        tracing = house.tracing
        time = house.time
        spans = EventSpans(role: .api, system: house.settings.log.messagingSystem)
    }

    /// A decision that names no story of its own belongs to its caller's trace, whether or not anybody exports it.
    static func join(_ envelope: inout Envelope, _ caller: CallerTrace) {
        guard let trace = caller.context?.trace, namesNoStory(envelope) else { return }
        envelope.correlation = StoryID(high: trace.high, low: trace.low)
    }

    private static func namesNoStory(_ envelope: Envelope) -> Bool {
        envelope.correlation.high == envelope.eventID.high && envelope.correlation.low == envelope.eventID.low
    }

    func sent(
        _ envelope: Envelope, at place: RecordPosition, from start: Timestamp, _ caller: CallerTrace,
        _ server: ServerSpan?
    ) {
        guard tracing.isOn else { return }
        let trace = TraceParent.trace(of: envelope.correlation)
        server?.join(trace)
        if let state = caller.state { tracing.remember(state, of: trace) }
        let end = time.now()
        tracing.record(trace) {
            let facts = EventSpans.Facts(
                event: envelope.eventID, correlation: envelope.correlation, causation: nil, cause: nil, intent: nil,
                key: envelope.symbol?.text)
            let above = server?.context
            let isSame = above?.trace == trace
            var span = spans.sent(facts, at: place, from: start, to: end, under: isSame ? above?.span : nil)
            span.state = caller.state
            if !isSame, let above { span.links = [above] }
            return span
        }
    }
}
