import Adapters
import Core
import Domain
import HTTPClient
import TestSupport
import Testing
import Threading

/// A simulated broker, on request a runner before it and faults in between, and an adapter that goes there.
struct Ground {
    enum Route: String, CaseIterable, Sendable {
        case alpaca
        case lean
    }

    let route: Route
    let broker: Simulator
    let runner: Simulator?
    let faults: Simulator?
    let adapter: any OrderAdapter

    init(_ route: Route, throughFaults: Bool = false, limits: AdapterLimits = AdapterLimits(), seed: UInt64 = 1) throws
    {
        self.route = route
        broker = try Simulator("alpaca", "--seed", String(seed))
        runner = route == .lean ? try Simulator("lean", "--to", broker.address(), "--seed", String(seed)) : nil
        let behind = runner ?? broker
        faults = throughFaults ? try Simulator("faults", "--to", behind.address(), "--seed", String(seed)) : nil
        adapter = Self.adapter(route, (faults ?? behind).address(), limits)
    }

    static func adapter(_ route: Route, _ address: String, _ limits: AdapterLimits = AdapterLimits())
        -> any OrderAdapter
    {
        switch route {
        case .alpaca:
            AlpacaAdapter(
                AlpacaSettings(address: address, keyID: Secret("key"), secretKey: Secret("secret"), limits: limits),
                time: SystemTime())
        case .lean: LEANAdapter(LEANSettings(address: address, limits: limits), time: SystemTime())
        }
    }

    /// A call that ends in so long.
    static func call(_ limit: Duration = .seconds(10)) throws -> CallTerms {
        let deadline = try #require(SystemTime().now().advanced(by: limit))
        return CallTerms(correlationID: try CorrelationID("torghut-test"), deadline: deadline)
    }

    static func order(
        _ id: String, symbol: String = "AAPL", side: Side = .buy, qty: Amount = 3, limit: Amount? = 50, epoch: Int64 = 1
    ) throws -> OrderSubmission {
        OrderSubmission(
            clientOrderID: try ClientOrderID(id), symbol: try Symbol(symbol), side: side,
            terms: OrderTerms(
                qty: qty, orderType: limit == nil ? .market : .limit, timeInForce: .day, limitPrice: limit),
            epoch: SenderEpoch(epoch))
    }

    func submit(_ id: String, limit: Duration = .seconds(10)) async throws -> Answered<SubmitVerdict> {
        await adapter.submit(try Self.order(id), try Self.call(limit))
    }

    /// Submits that reached the broker, and orders that came of them.
    func counts(_ id: String) async throws -> (submits: Int, orders: Int) {
        let log = try await broker.control("/_sim/log?kind=submit&client_order_id=" + id)
        let summary = try await broker.control("/_sim/summary")
        var orders = 0
        for index in 0..<summary.count("client_order_ids") {
            guard summary("client_order_ids", index, "client_order_id", as: String.self) == id else { continue }
            orders = summary("client_order_ids", index, "orders") ?? -1
        }
        return (log.count("entries"), orders)
    }
}

extension SubmitVerdict {
    var order: FoundOrder? {
        guard case .accepted(let order) = self else { return nil }
        return order
    }
}
