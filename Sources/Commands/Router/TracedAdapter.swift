public import Adapters
public import Core
public import Domain
public import Telemetry

/// An adapter whose calls are spans: each is told with what became of it, and its request names it as its parent.
public struct TracedAdapter: OrderAdapter {
    public var adapter: Adapter { inner.adapter }
    private let inner: any OrderAdapter
    private let tracing: Tracing
    private let time: any TimeSource
    /// Where the adapter's requests go.
    private let address: String

    /// The adapter itself where nobody asks for traces.
    public static func around(
        _ inner: any OrderAdapter, at address: String, _ tracing: Tracing, _ time: any TimeSource
    ) -> any OrderAdapter {
        guard tracing.isOn else { return inner }
        return TracedAdapter(inner: inner, tracing: tracing, time: time, address: host(of: address))
    }

    /// Between the scheme and the path, without whoever is named before an `@`.
    static func host(of address: String) -> String {
        let rest = address.split(separator: "://", maxSplits: 1).last ?? ""
        let place = rest.prefix { $0 != "/" && $0 != "?" }
        return String(place.split(separator: "@").last ?? "")
    }

    private func traced<Verdict>(
        _ operation: String, _ call: CallTerms, _ body: (CallTerms) async -> Answered<Verdict>
    ) async -> Answered<Verdict> {
        guard let caller = call.trace, tracing.records(caller.trace) else { return await body(call) }
        let context = TraceContext(caller.trace, Tracing.anySpan())
        var inside = call
        inside.trace = context
        inside.traceState = tracing.state(of: caller.trace)
        let start = time.now()
        let answered = await body(inside)
        let end = time.now()
        tracing.record(caller.trace) {
            var span = Span(
                context, parent: caller.span, "\(adapter.rawValue) \(operation)", .client, from: start, to: end,
                [
                    ("server.address", .text(address)), ("torghut.adapter", .text(adapter.rawValue)),
                    ("torghut.operation", .text(operation)),
                    ("torghut.correlation_id", .text(call.correlationID.text)),
                    ("http.request.resend_count", .integer(Int64(max(0, answered.call.tries - 1)))),
                ])
            span.state = inside.traceState
            if let status = answered.call.reply.httpStatus {
                span.attributes.append(("http.response.status_code", .integer(status)))
                if status >= 400 { span.failure = "HTTP \(status)" }
            } else {
                span.attributes.append(("error.type", "no_answer"))
                span.failure = answered.call.reply.reason?.text ?? "no answer"
            }
            return span
        }
        return answered
    }

    public func submit(_ order: OrderSubmission, _ call: CallTerms) async -> Answered<SubmitVerdict> {
        await traced("submit_order", call) { await inner.submit(order, $0) }
    }

    public func replace(_ order: OrderReplacement, _ call: CallTerms) async -> Answered<SubmitVerdict> {
        await traced("replace_order", call) { await inner.replace(order, $0) }
    }

    public func void(_ id: ClientOrderID, _ call: CallTerms) async -> Answered<VoidVerdict> {
        await traced("void_order", call) { await inner.void(id, $0) }
    }

    public func lookup(clientOrderID id: ClientOrderID, _ call: CallTerms) async -> Answered<LookupVerdict> {
        await traced("look_up_order", call) { await inner.lookup(clientOrderID: id, $0) }
    }

    public func lookup(orderID id: BrokerOrderID, _ call: CallTerms) async -> Answered<LookupVerdict> {
        await traced("look_up_order", call) { await inner.lookup(orderID: id, $0) }
    }

    public func openOrders(_ call: CallTerms) async -> Answered<ListVerdict> {
        await traced("list_orders", call) { await inner.openOrders($0) }
    }

    public func cancel(orderID id: BrokerOrderID, _ call: CallTerms) async -> Answered<CancelVerdict> {
        await traced("cancel_order", call) { await inner.cancel(orderID: id, $0) }
    }

    public func cancelAll(_ call: CallTerms) async -> Answered<CancelAllVerdict> {
        await traced("cancel_all_orders", call) { await inner.cancelAll($0) }
    }

    public func health(_ call: CallTerms) async -> Answered<HealthVerdict> {
        await traced("health", call) { await inner.health($0) }
    }
}
