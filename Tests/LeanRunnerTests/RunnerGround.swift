import Core
import HTTPClient
import TestSupport
import Testing
import Threading

/// A broker, a folder, and the runner that stands on both; it can be killed and started again.
final class RunnerGround: Sendable {
    let broker: Simulator
    let folder = TemporaryFolder()
    let environment: [String: String]

    init(_ environment: [String: String] = [:], broker: Simulator? = nil) throws {
        self.environment = environment
        self.broker = try broker ?? Simulator("alpaca")
    }

    func start(_ arguments: String..., more: [String: String] = [:], broker address: String? = nil) throws
        -> RunnerProgram
    {
        try RunnerProgram(
            broker: address ?? broker.address(), data: folder.path, arguments: arguments,
            environment: environment.merging(more) { $1 })
    }

    /// What becomes of the orders of one client order id.
    func tell(_ action: String, _ id: String, milliseconds: Int = 0, times: Int = 1) async throws {
        try await broker.control(
            "/_sim/outcomes",
            """
            {"action": "\(action)", "client_order_id": "\(id)", "milliseconds": \(milliseconds), "times": \(times)}
            """)
    }

    /// Returns when the broker got a submit of this id.
    func submitted(_ id: String) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await tally(id).submits == 0 {
            guard ContinuousClock.now < deadline else { throw NeverCame("a submit of \(id) at the broker") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    struct Tally: Equatable {
        var submits = 0
        var orders = 0
        var live = 0
    }

    /// What the broker counted of one client order id.
    func tally(_ id: String) async throws -> Tally {
        let summary = try await broker.control("/_sim/summary")
        for index in 0..<summary.count("client_order_ids")
        where summary("client_order_ids", index, "client_order_id", as: String.self) == id {
            return Tally(
                submits: summary("client_order_ids", index, "submits") ?? 0,
                orders: summary("client_order_ids", index, "orders") ?? 0,
                live: summary("client_order_ids", index, "live_or_filled") ?? 0)
        }
        return Tally()
    }
}

/// Orders as the contract has them.
enum Asking {
    static func body(_ id: String?, qty: String = "1", more: String = "") -> String {
        let extra = id.map { #","extra_params":{"client_order_id":"\#($0)"}"# } ?? ""
        return #"""
            {"symbol":"AAPL","side":"buy","qty":\#(qty),"order_type":"limit","time_in_force":"day","limit_price":90.5\#(extra)\#(more)}
            """#
    }

    static func fences(
        deadline: Duration = .seconds(20), epoch: Int = 1, scope: String = "3"
    ) -> [(name: String, value: String)] {
        let moment = SystemTime().now().advanced(by: deadline) ?? .latest
        return [
            ("X-Torghut-Deadline", moment.description),
            ("X-Torghut-Epoch", "\(epoch)"), ("X-Torghut-Epoch-Scope", scope),
        ]
    }
}

extension RunnerProgram {
    func submit(
        _ id: String, qty: String = "1", key: String? = nil, headers: [(name: String, value: String)] = []
    ) async -> Answer? {
        await ask(
            .post, "/v1/orders/submit", Asking.body(id, qty: qty), headers: headers + [("Idempotency-Key", key ?? id)])
    }

    func void(_ id: String, headers: [(name: String, value: String)] = []) async -> Answer? {
        await ask(.post, "/v1/orders/client/\(id)/void", headers: headers)
    }

    /// Asks again and again until the answer proves something.
    func eventually(_ what: String, _ ask: () async throws -> Answer?, _ isEnough: (Answer) -> Bool) async throws
        -> Answer
    {
        let deadline = ContinuousClock.now + .seconds(40)
        var last: Answer?
        while ContinuousClock.now < deadline {
            last = try await ask()
            if let last, isEnough(last) { return last }
            try await Task.sleep(for: .milliseconds(150))
        }
        throw NeverCame("\(what); the last answer was \(last?.status ?? 0) \(last?.json.text ?? "none")")
    }
}
