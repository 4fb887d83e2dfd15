import Core
import HTTPClient
import HTTPServer
import Synchronization
import Threading

/// Stands between the router and lean-runner: passes everything on, and misbehaves with submits when a scenario says so.
///
/// The runner behind it is the real one and behaves as it does; what the router sees is a runner that does not.
final class LeanFront: Sendable {
    private struct State {
        var target: String?
        var plan = LeanPlan()
        var dice: Dice
        var say: (@Sendable (String) -> Void)?
        var submits = 0
    }

    private let state: Mutex<State>
    private let forwarding = Forwarding()
    private let time = SystemTime()

    init(to target: String?, seed: UInt64) {
        state = Mutex(State(target: target.map(Escaping.base), dice: Dice(seed: seed)))
    }

    /// Where the runner is now: it may come later, and again elsewhere.
    func point(to address: String) { state.withLock { $0.target = Escaping.base(address) } }

    var target: String? { state.withLock { $0.target } }
    var plan: LeanPlan { state.withLock { $0.plan } }

    /// So many came so far.
    var submits: Int { state.withLock { $0.submits } }

    /// How long ago a submit came; `nil` when none ever did.
    var silence: Duration? { state.withLock { $0.plan.lastSubmit }.map { time.uptime() - $0 } }

    func begin(_ story: LeanPlan.Story, _ say: (@Sendable (String) -> Void)?) {
        state.withLock { state in
            state.plan.begin(story)
            state.say = say
        }
    }

    private static let away = HTTPServerResponse.tree(
        .object([
            "outcome": .string("not_sent"), "code": .string("runner_unreachable"),
            "detail": .string("no runner stands behind this address"),
        ]), status: 503)

    func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        guard let target = target else { return Self.away }
        guard request.method == "POST", request.path == ["v1", "orders", "submit"] else {
            return await forwarding.forward(request, to: target) ?? Self.away
        }
        let name = Tree(request.body)?["extra_params"]?["client_order_id"]?.string
        let (misdeed, say) = state.withLock { state in
            state.submits += 1
            return (state.plan.next(at: time.uptime()), state.say)
        }
        if let misdeed { say?("order \(name ?? "without a name"): \(misdeed.rawValue)") }
        switch misdeed {
        case nil: return await forwarding.forward(request, to: target) ?? .hangUp
        case .notPassedOn: return await silent()
        case .notAnswered:
            _ = await forwarding.forward(request, to: target)
            return await silent()
        case .takenAndRefused:
            _ = await forwarding.forward(request, to: target)
            return LeanRefusal.notSent.response
        case .refused: return LeanRefusal.notSent.response
        case .notMade: return invented(request)
        }
    }

    /// Longer than anybody waits; whoever goes takes the connection with him.
    private func silent() async -> HTTPServerResponse {
        do { try await Task.sleep(for: .seconds(60)) } catch { return .hangUp }
        return .hangUp
    }

    /// An order as the runner would tell it, of which the broker knows nothing.
    private func invented(_ request: HTTPServerRequest) -> HTTPServerResponse {
        guard let body = Tree(request.body), let symbol = body["symbol"]?.string, let side = body["side"]?.string else {
            return LeanRefusal.notSent.response
        }
        let now = time.now()
        let key = request.header("Idempotency-Key")
        var order = SimOrder(
            id: state.withLock { $0.dice.uuid() },
            clientOrderID: body["extra_params"]?["client_order_id"]?.string ?? key ?? "", symbol: symbol, side: side,
            type: body["order_type"]?.string ?? "market", timeInForce: body["time_in_force"]?.string ?? "day",
            createdAt: now, updatedAt: now)
        (order.qty, order.notional) = (body["qty"]?.amount, body["notional"]?.amount)
        (order.limitPrice, order.stopPrice) = (body["limit_price"]?.amount, body["stop_price"]?.amount)
        return .tree(
            LeanSubmit.audited(order.json, "submit_order", request.header("X-Correlation-ID"), key, isReplay: false))
    }
}
