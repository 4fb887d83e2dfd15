public import Core
public import HTTPServer
internal import Synchronization
public import Telemetry

/// Makes a span of every request that is answered.
public struct ServerSpans: Sendable {
    let tracing: Tracing
    let time: any TimeSource

    /// `nil` where nobody asks for traces.
    public init?(_ tracing: Tracing, _ time: any TimeSource) {
        guard tracing.isOn else { return nil }
        self.tracing = tracing
        self.time = time
    }

    func begin(_ request: HTTPServerRequest) -> ServerSpan { ServerSpan(CallerTrace(request), at: time.now()) }

    func end(_ span: ServerSpan, _ operation: Operation, _ request: HTTPServerRequest, _ status: Int) {
        let context = span.context
        let now = time.now()
        tracing.record(context.trace) {
            var made = Span(
                context, parent: span.caller.context?.span, "\(request.method) \(operation.path)", .server,
                from: span.start, to: now,
                [
                    ("http.request.method", .text(request.method)), ("http.route", .text(operation.path)),
                    ("http.response.status_code", .integer(Int64(status))), ("url.scheme", "http"),
                    ("torghut.operation", .text(operation.id)),
                ])
            made.state = span.caller.state
            if status >= 500 {
                made.failure = "HTTP \(status)"
                made.attributes.append(("error.type", .text("\(status)")))
            }
            return made
        }
    }
}

/// What a request says of the trace that it belongs to.
public struct CallerTrace: Sendable {
    /// Of `tracestate`: what the standard asks everybody to carry on.
    static let maximumStateBytes = 512

    public let context: TraceContext?
    /// Never without a context: alone it means nothing.
    public let state: String?

    public init(_ request: HTTPServerRequest) {
        let given = request.headers.filter { $0.name.lowercased() == "traceparent" }
        // Two of them contradict one another.
        context = given.count == 1 ? TraceContext(traceparent: given[0].value) : nil
        let states = request.headers.filter { $0.name.lowercased() == "tracestate" }.map(\.value)
        let joined = states.joined(separator: ",")
        let isSound =
            joined.utf8.count <= Self.maximumStateBytes && joined.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        state = context == nil || joined.isEmpty || !isSound ? nil : joined
    }
}

/// The span of one request while it is answered.
public final class ServerSpan: Sendable {
    let caller: CallerTrace
    let start: Timestamp
    private let mine: Mutex<TraceContext>

    init(_ caller: CallerTrace, at start: Timestamp) {
        self.caller = caller
        self.start = start
        mine = Mutex(TraceContext(caller.context?.trace ?? Tracing.anyTrace(), Tracing.anySpan()))
    }

    public var context: TraceContext { mine.withLock { $0 } }

    /// A request that nobody traced belongs to the story that it began.
    public func join(_ trace: TraceContext.Trace) {
        guard caller.context == nil else { return }
        mine.withLock { $0 = TraceContext(trace, $0.span) }
    }
}
