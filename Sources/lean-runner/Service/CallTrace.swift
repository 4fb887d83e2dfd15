import Core
import HTTPServer
import Telemetry

/// A request's place in its caller's trace: the span that answers it, and whose child that is.
struct CallTrace: Sendable {
    /// What the runner does for the caller; its own requests hang below it.
    let context: TraceContext
    let caller: TraceContext
    let state: String?

    /// `nil` where the caller names no trace: the runner begins none.
    init?(_ request: HTTPServerRequest) {
        let given = request.headers.filter { $0.name.lowercased() == "traceparent" }
        guard given.count == 1, let caller = TraceContext(traceparent: given[0].value) else { return nil }
        self.caller = caller
        context = TraceContext(caller.trace, Tracing.anySpan())
        let state = request.header("tracestate") ?? ""
        let isSound = state.utf8.count <= 512 && state.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        self.state = state.isEmpty || !isSound ? nil : state
    }

    func answered(
        _ operation: Operation, _ request: HTTPServerRequest, _ reply: RunnerReply, from start: Timestamp,
        to end: Timestamp, _ tracing: Tracing
    ) {
        tracing.record(context.trace) {
            var span = Span(
                context, parent: caller.span, "\(request.method) \(operation.rawValue)", .server, from: start, to: end,
                [
                    ("http.request.method", .text(request.method)), ("torghut.operation", .text(operation.rawValue)),
                    ("http.response.status_code", .integer(Int64(reply.status))),
                ])
            span.state = state
            if reply.status >= 500 { span.failure = reply.taxonomy.map { "\($0)" } ?? "HTTP \(reply.status)" }
            return span
        }
    }
}
