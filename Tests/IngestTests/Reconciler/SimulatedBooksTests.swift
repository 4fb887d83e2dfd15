import Adapters
import Core
import Domain
import Ingest
import TestSupport
import Testing
import Threading

/// The reconciler beside a broker that is simulated in a process of its own, whose stream the order feed reads.
@Suite struct `The reconciler and a simulated broker` {
    private let simulator: Simulator
    private let adapter: AlpacaAdapter

    init() throws {
        simulator = try Simulator("alpaca")
        adapter = Self.adapter(simulator)
    }

    private static func adapter(_ simulator: Simulator, pageSize: Int = 500) -> AlpacaAdapter {
        var settings = AlpacaSettings(address: simulator.address(), keyID: Secret("k"), secretKey: Secret("s"))
        settings.limits.pageSize = pageSize
        return AlpacaAdapter(settings, time: SystemTime())
    }

    /// An order that rests; its broker's id.
    private func submit(_ client: String, qty: Amount = 10) async throws -> String {
        try await simulator.control("/_sim/outcomes", #"{"action":"rest","client_order_id":"\#(client)"}"#)
        let now = SystemTime().now()
        let answered = await adapter.submit(
            OrderSubmission(
                clientOrderID: ClientOrderID(trusted: client), symbol: Symbol(trusted: "AAPL"), side: .buy,
                terms: OrderTerms(qty: qty, orderType: .market, timeInForce: .day), epoch: SenderEpoch(1)),
            CallTerms(
                correlationID: CorrelationID(trusted: "test"), deadline: now.advanced(by: .seconds(10)) ?? now))
        guard case .accepted(let order) = answered.verdict else {
            Issue.record("\(answered.verdict)")
            return ""
        }
        return order.id.text
    }

    private func floor() async throws -> ReconcileFloor { try await ReconcileFloor(adapter, [.alpaca: adapter]) }

    /// The feed classifies and the reconciler asks, as long as the body takes.
    private func working(_ floor: ReconcileFloor, _ body: () async throws -> Void) async throws {
        let pump = try await UpdatePump(simulator, to: floor.feed.log)
        let feed = Task { try await OrderFeed(floor.feed.context()).run() }
        try await floor.running(nil, body)
        feed.cancel()
        try await feed.value
        await pump.stop()
    }

    @Test func `finds what the stream lost while it goes on, and invents nothing`() async throws {
        var floor = try await floor()
        // Longer than the stream is behind the books on a machine that is busy.
        floor.limits.grace = .seconds(1)
        try await working(floor) {
            let hidden = try await submit("c-hidden")
            let told = try await submit("c-told")
            try await floor.send(hidden, client: "c-hidden", qty: 10)
            try await floor.send(told, client: "c-told", qty: 10)
            try await floor.watch.more(2)
            try await simulator.control("/_sim/settings", #"{"updates_to_lose":1}"#)
            try await simulator.control("/_sim/orders/\(hidden)/fill", #"{"qty":"4","price":"100"}"#)
            for part in 1...5 {
                try await simulator.control("/_sim/orders/\(told)/fill", #"{"qty":"2","price":"10\#(part)"}"#)
            }
            try await floor.watch.wait { $0.opened == [.missingFill] }
            try await floor.watch.more(5)
        }
        let found = try await floor.found()
        #expect(found.map(\.kind) == [.missingFill] && found.map(\.difference) == [4])
        #expect(try await floor.feed.recorded().count { $0.executionID != nil } == 5)
        #expect(try await floor.facts().last?.positions.map(\.qty) == [14])
    }

    @Test func `finds an orphan, a cancel behind our back, and what was changed by hand`() async throws {
        var floor = try await floor()
        // Longer than we take to say that an order is ours.
        floor.limits.grace = .seconds(1)
        try await working(floor) {
            let ours = try await submit("c-ours")
            _ = try await submit("c-orphan")
            try await floor.send(ours, client: "c-ours", qty: 10)
            try await floor.watch.wait { $0.opened == [.unknownBrokerOrder] }
            try await simulator.control("/_sim/settings", #"{"updates_to_lose":1}"#)
            try await simulator.control("/_sim/orders/\(ours)/cancel", "{}")
            try await floor.watch.wait { $0.opened.contains(.statusMismatch) }
            try await simulator.control("/_sim/account", #"{"cash":"500","symbol":"TSLA","qty":"3"}"#)
            try await floor.watch.wait { $0.opened.count == 4 }
            try await floor.watch.more(4)
        }
        let kinds = try await floor.found().map(\.kind)
        #expect(kinds.count == 4)
        #expect(Set(kinds) == [.unknownBrokerOrder, .statusMismatch, .positionMismatch, .cashMismatch])
    }

    @Test func `asks the runner for what went through it, and believes his own words too`() async throws {
        let runner = try Simulator("lean", "--to", simulator.address())
        let lean = LEANAdapter(LEANSettings(address: runner.address()), time: SystemTime())
        var floor = try await ReconcileFloor(adapter, [.alpaca: adapter, .lean: lean])
        floor.limits.silence = .milliseconds(100)
        let id = try await submit("c-lean")
        try await floor.send(id, client: "c-lean", qty: 10, by: .lean)
        try await floor.send("00000000-dead-4000-8000-000000000000", by: .lean)
        try await floor.running { [floor] in
            try await floor.watch.wait { $0.opened == [.missingAtBroker] }
            try await floor.watch.wait { heard in
                heard.reads.contains { $0.question == .order && $0.adapter == .lean && $0.verdict == .read }
            }
        }
        let reads = floor.watch.now.reads.filter { $0.question == .order }
        #expect(reads.contains { $0.verdict == .absent })
        // What the runner does not know the broker is asked for, and nothing else.
        #expect(reads.allSatisfy { ($0.adapter == .lean || $0.verdict == .absent) && $0.failure == nil })
        #expect(Set(try await floor.snapshots().map(\.observedBy)) == [.listOrders, .runner])
    }

    @Test func `hears in the broker's own words that he has no such order`() async throws {
        let floor = try await floor()
        try await floor.send("00000000-dead-4000-8000-000000000000")
        try await floor.running { try await floor.watch.wait { $0.opened == [.missingAtBroker] } }
        #expect(floor.watch.now.reads.contains { $0.verdict == .absent })
    }

    @Test func `reads a list of many pages whole, and waits where it is told that it asks too much`() async throws {
        let paged = Self.adapter(simulator, pageSize: 2)
        var floor = try await ReconcileFloor(paged, [.alpaca: paged])
        for number in 0..<7 {
            let id = try await submit("c-\(number)")
            try await floor.send(id, client: "c-\(number)", qty: 10)
        }
        floor.limits.callTimeout = .milliseconds(900)
        try await floor.running { [floor] in
            try await floor.watch.more(3)
            #expect(floor.watch.now.rounds.allSatisfy { $0.ordersRead == 7 && $0.isWhole })
            #expect(!floor.watch.now.reads.contains { $0.question == .order })
            try await simulator.control("/_sim/settings", #"{"requests_per_minute":1}"#)
            try await floor.watch.wait { $0.reads.contains { $0.failure == .rateLimited || $0.failure == .timeout } }
            try await floor.watch.more(2)
            try await simulator.control("/_sim/settings", #"{"requests_per_minute":0}"#)
            try await floor.watch.wait { $0.rounds.last?.isWhole ?? false }
        }
        #expect(try await floor.found().isEmpty)
    }
}
