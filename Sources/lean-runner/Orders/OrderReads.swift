import Adapters
import Core
import Domain
import HTTPServer
import JSON

/// Questions about orders, and their ends: what the kill switch never stops.
struct OrderReads: Sendable {
    let broker: Broker
    let time: any TimeSource

    @Sendable func byID(_ call: RunnerCall) async throws(RunnerFault) -> RunnerReply {
        let id = try OrderPath.orderID(call)
        return try reply(
            await broker.questions.lookup(orderID: id, broker.terms(call.correlationID, in: call.trace)), call)
    }

    @Sendable func byClientOrderID(_ call: RunnerCall) async throws(RunnerFault) -> RunnerReply {
        let id = try OrderPath.clientOrderID(call)
        return try reply(
            await broker.questions.lookup(clientOrderID: id, broker.terms(call.correlationID, in: call.trace)), call)
    }

    private func reply(
        _ answered: Answered<LookupVerdict>, _ call: RunnerCall
    ) throws(RunnerFault) -> RunnerReply {
        switch answered.verdict {
        case .found(let order): return RunnerReply(OrderAnswer.document(order))
        case .absent: throw .orderNotFound
        case .inconclusive(let taxonomy): throw .unanswered(call.operation, taxonomy, answered.call)
        }
    }

    @Sendable func cancel(_ call: RunnerCall) async throws(RunnerFault) -> RunnerReply {
        let id = try OrderPath.orderID(call)
        try RequestBody.none(of: call.request)
        let answered = await broker.questions.cancel(orderID: id, broker.terms(call.correlationID, in: call.trace))
        switch answered.verdict {
        case .requested: return RunnerReply(.object(["ok": .bool(true)]))
        case .absent: throw .orderNotFound
        case .refused: throw .rejected(call.operation, answered.call)
        case .inconclusive(let taxonomy): throw .unanswered(call.operation, taxonomy, answered.call)
        }
    }

    @Sendable func cancelAll(_ call: RunnerCall) async throws(RunnerFault) -> RunnerReply {
        try RequestBody.none(of: call.request)
        let answered = await broker.questions.cancelAll(broker.terms(call.correlationID, in: call.trace))
        switch answered.verdict {
        case .requested(let requested, let refused):
            let all = requested.map { ($0, 200) } + refused.map { ($0, 422) }
            return RunnerReply(
                .object([
                    "orders": .array(
                        all.map { .object(["id": .string($0.0.text), "status": .integer($0.1)]) })
                ]))
        case .inconclusive(let taxonomy): throw .unanswered(call.operation, taxonomy, answered.call)
        }
    }

    /// Pages of one list; a longer one is not told as if it were whole.
    static let maximumPages = 40

    @Sendable func list(_ call: RunnerCall) async throws(RunnerFault) -> RunnerReply {
        let text = call.request.query("status") ?? "all"
        guard let status = ListedStatus(rawValue: text) else {
            throw .invalid("status is none of all, open, closed")
        }
        var orders: [Document] = []
        var known: Set<String> = []
        var since = Timestamp.epoch
        for _ in 0..<Self.maximumPages {
            let answered = await broker.questions.orders(
                status, since: since, broker.terms(call.correlationID, in: call.trace))
            guard case .read(let page) = answered.verdict else {
                if case .inconclusive(let taxonomy) = answered.verdict {
                    throw .unanswered(call.operation, taxonomy, answered.call)
                }
                throw .failed(call.operation, .upstream, "the broker knows no list", code: "broker_unavailable")
            }
            guard page.unread.isEmpty else {
                throw .failed(call.operation, .upstream, page.unread.joined(separator: ", "), code: "unreadable_order")
            }
            let fresh = page.orders.filter { known.insert($0.id).inserted }
            for order in fresh {
                let document: Document
                // A list that lacks one is not told as if it were whole.
                do throws(JSONError) { document = try Document(order.raw.bytes, limits: Document.brokerLimits) } catch {
                    throw .failed(call.operation, .upstream, "\(order.id): \(error)", code: "unreadable_order")
                }
                orders.append(document.with("_execution_adapter", .string("lean")))
            }
            // The broker may give smaller pages than it was asked for: only one that brings nothing new is the last.
            guard !fresh.isEmpty, let next = page.next else {
                return RunnerReply(.object(["orders": .array(orders)]))
            }
            since = next
        }
        throw .failed(
            call.operation, .upstream, "there are more than \(orders.count) orders", code: "list_too_long")
    }
}
