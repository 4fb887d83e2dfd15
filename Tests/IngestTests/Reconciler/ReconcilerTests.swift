import Adapters
import Core
import Domain
import Folding
import Ingest
import TestSupport
import Testing

@Suite struct `The reconciler` {
    private let broker = ScriptedBooks()

    @Test func `finds a fill that nobody told, once, and resolves it when it is told`() async throws {
        let floor = try await ReconcileFloor(broker)
        broker.put("a")
        try await floor.send("a")
        try await floor.running {
            try await floor.watch.more(2)
            #expect(floor.watch.now.opened.isEmpty)
            broker.put("a", .partiallyFilled, filled: 30, average: 10)
            broker.change {
                $0.held = ["AAPL": 30]; $0.cash = 9_700
            }
            try await floor.watch.wait { $0.opened == [.missingFill] }
            try await floor.watch.more(5)
            try await floor.stream("a", "partial_fill", "partially_filled", filled: 30, slice: ("x1", 30))
            try await floor.watch.wait { $0.resolved == [.missingFill] }
            try await floor.watch.more(3)
        }
        let found = try await floor.found()
        #expect(found.map(\.kind) == [.missingFill] && found.map(\.difference) == [30])
        #expect(found[0].expected.text == "0 filled, as we were told" && found[0].observed.text == "30 filled")
        #expect(found[0].order.alpacaOrderID?.text == "a" && found[0].order.intentID != nil)
        #expect(try await floor.resolved().map(\.discrepancyID) == found.map(\.discrepancyID))
    }

    @Test func `proves nothing by a read that failed, was cut, or showed an empty list`() async throws {
        let floor = try await ReconcileFloor(broker)
        broker.put("a")
        try await floor.send("a")
        try await floor.running {
            for change: @Sendable (inout ScriptedBooks.Script) -> Void in [
                { $0.listFailure = .http5xx }, { ($0.listFailure, $0.isListWhole, $0.listed) = (nil, false, []) },
                { ($0.isListWhole, $0.listed) = (true, []) },
                { ($0.listed, $0.lookupFailure) = ([], .rateLimited) },
                { ($0.listed, $0.lookupFailure, $0.accountFailure) = (nil, nil, .timeout) },
                { ($0.accountFailure, $0.positionsFailure) = (nil, .http5xx) },
            ] {
                broker.change(change)
                try await floor.watch.more(4)
            }
            broker.change { $0.positionsFailure = nil }
            try await floor.watch.more(2)
        }
        #expect(try await floor.found().isEmpty)
        #expect(floor.watch.now.rounds.contains { !$0.isWhole } && floor.watch.now.rounds.last?.isWhole == true)
        #expect(floor.watch.now.reads.contains { $0.failure == .rateLimited })
    }

    @Test func `believes that there is no such order when the broker said so twice`() async throws {
        let floor = try await ReconcileFloor(broker)
        try await floor.send("gone")
        try await floor.running {
            try await floor.watch.wait { $0.opened == [.missingAtBroker] }
            #expect(floor.watch.now.rounds.first?.findings.opened.isEmpty == true)
            try await floor.watch.more(4)
            let asked = broker.now.lookups.count
            try await floor.watch.more(4)
            // From then on he is asked now and then.
            #expect(broker.now.lookups.count == asked)
            try await floor.stream("gone", "canceled", "canceled")
            try await floor.watch.wait { $0.resolved == [.missingAtBroker] }
        }
        #expect(try await floor.found().map(\.severity) == [.critical])
    }

    @Test func `shows an order from outside once, and says when it is over`() async throws {
        let floor = try await ReconcileFloor(broker)
        broker.put("orphan")
        try await floor.running {
            try await floor.watch.wait { $0.opened == [.unknownBrokerOrder] }
            try await floor.watch.more(5)
            broker.put("orphan", .canceled)
            try await floor.watch.wait { $0.resolved == [.unknownBrokerOrder] }
            try await floor.watch.more(5)
        }
        let found = try await floor.found()
        #expect(found.map(\.severity) == [.info] && found.map(\.expected.text) == ["no order of ours"])
        #expect(try await floor.resolved().map(\.resolution) == [.canceled])
    }

    @Test func `finds an order that was canceled behind our back`() async throws {
        let floor = try await ReconcileFloor(broker)
        broker.put("a")
        try await floor.send("a")
        try await floor.running {
            try await floor.watch.more(2)
            broker.put("a", .canceled)
            try await floor.watch.wait { $0.opened == [.statusMismatch] }
            let asked = broker.now.lookups.count
            try await floor.watch.more(5)
            // He said twice that it is over: nobody asks again.
            #expect(broker.now.lookups.count == asked)
        }
        #expect(try await floor.found().map(\.observed.text) == ["canceled"])
    }

    @Test func `finds positions and cash that no fill of ours explains`() async throws {
        let floor = try await ReconcileFloor(broker)
        try await floor.running {
            try await floor.watch.more(2)
            broker.change {
                $0.held = ["TSLA": 7]; $0.cash = 9_000
            }
            try await floor.watch.wait { $0.opened.count == 2 }
            try await floor.watch.more(3)
            broker.change {
                $0.held = [:]; $0.cash = 10_000
            }
            try await floor.watch.wait { $0.resolved.count == 2 }
        }
        let found = try await floor.found()
        #expect(Set(found.map(\.kind)) == [.positionMismatch, .cashMismatch])
        #expect(Set(found.map(\.difference)) == [7, -1_000])
    }

    @Test func `never asks for an order that the feed made final`() async throws {
        let floor = try await ReconcileFloor(broker)
        try await floor.send("a")
        try await floor.stream("a", "fill", "filled", filled: 100, slice: ("x1", 100))
        // Of this one the stream told only a part: that shows without a question.
        try await floor.send("b")
        try await floor.stream("b", "fill", "filled", filled: 100, slice: ("x2", 60))
        try await floor.running { try await floor.watch.wait { $0.opened == [.missingFill] } }
        #expect(broker.now.lookups.isEmpty)
        #expect(try await floor.found().map(\.difference) == [40])
    }

    @Test func `asks for each order the way it went, and tells no other way of it`() async throws {
        let lean = ScriptedBooks(.lean)
        var floor = try await ReconcileFloor(broker, [.alpaca: broker, .lean: lean])
        floor.limits.grace = .seconds(1_000)
        lean.put("l")
        broker.put("f")
        broker.change { $0.listed = [] }
        try await floor.send("l", by: .lean)
        try await floor.send("f", by: .alpaca, expected: .lean, reason: "lean_submit_order_timeout")
        try await floor.running { [floor] in try await floor.watch.more(4) }
        #expect(Set(lean.now.lookups) == ["l"] && Set(broker.now.lookups) == ["f"])
        let snapshots = try await floor.snapshots()
        for snapshot in snapshots {
            let isLean = snapshot.order.alpacaOrderID?.text == "l"
            #expect(snapshot.observedBy == (isLean ? .runner : .getOrder))
            #expect(snapshot.executionExpectedAdapter == .lean)
            #expect(snapshot.executionAdapter == (isLean ? .lean : .alpaca))
            #expect(snapshot.executionFallbackReason?.text == (isLean ? nil : "lean_submit_order_timeout"))
        }
        #expect(snapshots.count >= 4)
    }

    @Test func `says that nobody can be asked for an order, where its way is not known here`() async throws {
        let floor = try await ReconcileFloor(broker)
        try await floor.send("l", by: .lean)
        try await floor.running { try await floor.watch.more(3) }
        #expect(floor.watch.now.missing.contains(.lean))
        #expect(try await floor.found().isEmpty)
    }

    @Test func `keeps within its budget, and asks for the longest silent first`() async throws {
        var floor = try await ReconcileFloor(broker)
        floor.limits.requestsPerMinute = 9
        for number in 0..<8 {
            broker.put("o\(number)")
            try await floor.send("o\(number)")
        }
        broker.change { $0.listed = [] }
        try await floor.running { [floor] in
            try await floor.watch.more(1)
            // Three for list, account and positions.
            #expect(broker.now.lookups == (0..<6).map { "o\($0)" })
            #expect(floor.watch.now.rounds[0].postponed == 2)
            try await floor.watch.more(2)
        }
        #expect(broker.now.lookups.count == 6)
    }

    @Test func `asks a runner for his own word, though the broker's list has the order, and keeps that word`()
        async throws
    {
        let lean = ScriptedBooks(.lean)
        var floor = try await ReconcileFloor(broker, [.alpaca: broker, .lean: lean])
        floor.limits.silence = .milliseconds(200)
        for id in ["a", "l"] { broker.put(id) }
        lean.put("l", filled: 5)
        try await floor.send("a")
        try await floor.send("l", by: .lean)
        try await floor.running { [floor] in
            try await floor.watch.wait { $0.reads.contains { $0.question == .order } }
            try await floor.watch.more(1)
        }
        // What the broker lists he has answered for.
        #expect(broker.now.lookups.isEmpty && Set(lean.now.lookups) == ["l"])
        let told = try await floor.snapshots().filter { $0.observedBy == .runner }
        #expect(!told.isEmpty && told.allSatisfy { $0.filledQty == 5 })
    }

    @Test func `reads open orders anew each round, and writes the account before its facts grow old`() async throws {
        var floor = try await ReconcileFloor(broker)
        floor.limits.accountInterval = .milliseconds(400)
        broker.put("a")
        try await floor.send("a")
        try await floor.running { [floor] in
            try await floor.watch.more(25)
            broker.change { $0.cash = 10_500 }
            try await floor.watch.more(2)
        }
        let moments = try await floor.snapshots().map(\.observedAt)
        #expect(moments.count >= 12 && moments == moments.sorted() && Set(moments).count == moments.count)
        let facts = try await floor.facts()
        #expect(facts.count >= 3 && facts.count < floor.watch.now.rounds.count)
        #expect(facts.last?.cash == 10_500 && facts.allSatisfy { $0.complete && $0.tradingMode == .paper })
        #expect(floor.watch.now.rounds.map(\.updates).reduce(0, +) == 1)
    }

    @Test func `keeps equal ids of two accounts apart`() async throws {
        let floor = try await ReconcileFloor(broker)
        let live = AccountLabel(trusted: "live")
        broker.put("a")
        try await floor.send("a")
        try await floor.send("a", account: live)
        try await floor.send("only-live", account: live)
        try await floor.running { try await floor.watch.more(6) }
        #expect(try await floor.found().isEmpty)
        #expect(broker.now.lookups.isEmpty)
        #expect(
            try await floor.events().filter { $0.envelope.source == Reconciliation.source }.allSatisfy {
                $0.envelope.account == ReconcileFloor.account
            })
    }
}
