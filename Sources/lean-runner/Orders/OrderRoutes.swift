import Adapters
import Core
import Domain

/// All routes of orders.
struct OrderRoutes: Sendable {
    let once: OrderOnce
    let voids: VoidDesk
    let reads: OrderReads

    private var broker: Broker { once.broker }

    func add(to routes: inout RunnerRoutes) {
        routes.on("POST", "/v1/orders/submit", .submitOrder, submit)
        routes.on("POST", "/v1/orders/cancel-all", .cancelAllOrders, reads.cancelAll)
        routes.on("GET", "/v1/orders/client/:id", .getOrderByClientOrderID, reads.byClientOrderID)
        routes.on("POST", "/v1/orders/client/:id/void", .voidOrder, voids.answer)
        routes.on("POST", "/v1/orders/:id/replace", .replaceOrder, replace)
        routes.on("POST", "/v1/orders/:id/cancel", .cancelOrder, reads.cancel)
        routes.on("GET", "/v1/orders/:id", .getOrder, reads.byID)
        routes.on("GET", "/v1/orders", .listOrders, reads.list)
    }

    @Sendable private func submit(_ call: RunnerCall) async throws(RunnerFault) -> RunnerReply {
        let order = try SubmitRequest.read(call)
        let broker = broker
        return try await once.answer(
            order.asked, call,
            OrderOnce.Way { terms, epoch in
                .judged(
                    await broker.orders.submit(
                        OrderSubmission(
                            clientOrderID: order.clientOrderID, symbol: order.symbol, side: order.side,
                            terms: order.terms, epoch: epoch), terms))
            } isSame: { found in
                found.symbol.isSpelling(of: order.symbol) && found.side ?? order.side == order.side
                    && found.qty ?? order.terms.qty == order.terms.qty
            })
    }

    /// The order that is replaced is looked up first: what it trades is part of what the answer is judged by.
    @Sendable private func replace(_ call: RunnerCall) async throws(RunnerFault) -> RunnerReply {
        let order = try ReplaceRequest.read(call)
        let broker = broker
        return try await once.answer(
            order.asked, call,
            OrderOnce.Way { terms, epoch in
                // A question leaves without a last look.
                let question = CallTerms(correlationID: terms.correlationID, deadline: terms.deadline)
                let old = await broker.questions.lookup(orderID: order.orderID, question)
                switch old.verdict {
                case .absent: return .refused(.orderNotFound)
                case .inconclusive(let taxonomy):
                    var fault = RunnerFault.unanswered(call.operation, taxonomy, old.call)
                    (fault.status, fault.outcome) = (503, .notSent)
                    return .refused(fault)
                case .found(let old):
                    return .judged(
                        await broker.orders.replace(
                            OrderReplacement(
                                orderID: order.orderID, clientOrderID: order.clientOrderID, symbol: old.symbol,
                                qty: order.qty, limitPrice: order.limitPrice, stopPrice: order.stopPrice,
                                trail: order.trail, timeInForce: order.timeInForce, epoch: epoch), terms))
                }
            } isSame: { found in
                found.replaces == order.orderID
            })
    }
}
