import Core
import HTTPServer

/// `POST /v2/orders`, with whatever the script has in store for it.
struct AlpacaSubmit: Sendable {
    let broker: SimBroker

    private enum Decided: Sendable {
        case order(Tree, Outcome?)
        case refused(SimRefusal)
        case before(Outcome)
    }

    func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        guard let body = Tree(request.body), case .object = body else {
            return .tree(
                .object(["code": .count(40_010_000), "message": .string("request body format is invalid")]),
                status: 400)
        }
        switch decide(body, request) {
        case .refused(let refusal): return .refusal(refusal)
        case .before(let outcome): return await Self.act(outcome, order: nil)
        case .order(let order, let outcome):
            guard let outcome else { return .tree(order) }
            return await Self.act(outcome, order: order)
        }
    }

    private func decide(_ body: Tree, _ request: HTTPServerRequest) -> Decided {
        broker.change { state, time in
            let entry = state.log.note(
                "submit", at: time, clientOrderID: body["client_order_id"]?.string, symbol: body["symbol"]?.string,
                qty: body["qty"]?.amount?.description,
                traceparent: request.header("traceparent"), outcome: "received")
            do throws(SimRefusal) {
                let order = try state.draft(body, at: time)
                let outcome = state.outcome(for: order)
                if let outcome, outcome.action.isBefore {
                    state.log.settle(entry, outcome: outcome.action.rawValue)
                    return .before(outcome)
                }
                try state.check(order)
                let place = state.place(order)
                let answer = state.orders[place].json
                state.log.settle(entry, outcome: outcome?.action.rawValue ?? "accepted", orderID: order.id)
                state.work(place, outcome?.action, at: time)
                return .order(answer, outcome)
            } catch {
                state.log.settle(entry, outcome: "refused: \(error.message)")
                return .refused(error)
            }
        }
    }

    private static func act(_ outcome: Outcome, order: Tree?) async -> HTTPServerResponse {
        switch outcome.action {
        case .reject: return .refusal(.poor)
        case .rateLimit: return .limited(afterSeconds: (outcome.milliseconds + 999) / 1_000)
        case .errorBefore, .errorAfter:
            return .tree(.object(["message": .string("internal server error")]), status: 500)
        case .hangBefore, .hangAfter:
            // Cancelled or over, it ends the same way: without a word.
            do { try await Task.sleep(for: .milliseconds(outcome.milliseconds)) } catch { return .hangUp }
            return .hangUp
        case .dropBefore, .dropAfter: return .hangUp
        case .rest, .fill, .partial, .rejectLater: return .tree(order ?? .null)
        }
    }
}
