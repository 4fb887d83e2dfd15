import Adapters
import Core
import Domain
import Folding
import Ingest
import Synchronization
import TestSupport
import Testing
import Threading
import Wire

/// How a reconciler goes on beside a busy log, a slow broker and a small budget.
@Suite struct `The reconciler's pace` {
    private let broker = ScriptedBooks()

    @Test func `holds while records keep coming`() async throws {
        var floor = try await ReconcileFloor(broker)
        // So long that something always comes before it is over.
        floor.limits.wait = .seconds(2)
        broker.put("a")
        try await floor.send("a")
        let teller = Task { [floor] in
            while !Task.isCancelled { try await floor.stream("a", "new", "new") }
        }
        try await floor.running { [floor] in try await floor.watch.wait { $0.rounds.count >= 5 } }
        teller.cancel()
        try await teller.value
    }

    @Test func `writes the account before it asks for single orders, and stops asking in time`() async throws {
        var floor = try await ReconcileFloor(broker)
        floor.limits.singleReads = .milliseconds(1)
        for number in 0..<4 { try await floor.send("o\(number)") }
        let facts = Mutex<[Int]>([])
        broker.change { [floor] in
            $0.whenAsked = {
                do {
                    let known = try await floor.facts().count
                    facts.withLock { $0.append(known) }
                } catch { Issue.record(error) }
                // An answer that takes longer than all of them may.
                let end = ContinuousClock.now + .milliseconds(5)
                while ContinuousClock.now < end { await Task.yield() }
            }
        }
        try await floor.running { [floor] in
            try await floor.watch.wait { $0.rounds.count >= 3 && !broker.now.lookups.isEmpty }
        }
        #expect(facts.withLock { $0.first ?? 0 } >= 1)
        #expect(floor.watch.now.rounds.contains { $0.postponed > 0 })
    }

    @Test func `leaves a share of the budget to single orders, however much the lists cost`() async throws {
        var floor = try await ReconcileFloor(broker)
        floor.limits.requestsPerMinute = 8
        for number in 0..<6 { try await floor.send("o\(number)") }
        broker.change { $0.pages = 1_000 }
        try await floor.running { [floor] in try await floor.watch.more(2) }
        #expect(broker.now.lookups == ["o0", "o1"])
        let left = try #require(floor.watch.now.rounds.last?.budgetLeft)
        #expect(left >= -8, "what is owed has an end: \(left)")
        #expect(floor.watch.now.rounds.map(\.postponedRounds).prefix(2) == [1, 2])
    }

    @Test func `holds back what rests on the stream while the feed has not read it`() async throws {
        let floor = try await ReconcileFloor(broker)
        try await floor.feed.tell([#"{"stream":"trade_updates","data":{}}"#])
        // The feed was here once, and has not come to what lies there since.
        let source = try await sourceOfUpdate(floor)
        let writer = try await floor.feed.log.writer(named: "feed")
        _ = try await writer.append(
            Append(
                [], positions: [ConsumerPosition(consumer: "torghut.order-feed", source: source, next: 0, anchor: nil)])
        )
        broker.put("a", .canceled)
        try await floor.send("a")
        try await floor.running {
            try await floor.watch.more(6)
            #expect(floor.watch.now.opened.isEmpty)
            #expect(floor.watch.now.rounds.last?.heldBack == .feed)
            _ = try await writer.append(
                Append(
                    [],
                    positions: [ConsumerPosition(consumer: "torghut.order-feed", source: source, next: 1, anchor: nil)])
            )
            try await floor.watch.wait { $0.opened == [.statusMismatch] }
            #expect(floor.watch.now.rounds.last?.heldBack == nil)
        }
        await writer.close()
    }

    private func sourceOfUpdate(_ floor: ReconcileFloor) async throws -> TopicPartition {
        let topic = TopicCatalog.tradeUpdates
        let sources = (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        let bounds = try await floor.feed.log.bounds(of: sources)
        return try #require(bounds.first { $0.value.end == 1 }?.key)
    }

    @Test func `holds back what rests on the stream while its holder says that it is not ready, but not for good`()
        async throws
    {
        var floor = try await ReconcileFloor(broker)
        try await lease(floor, isReady: false)
        broker.put("a", .canceled)
        try await floor.send("a")
        try await floor.running { [floor] in
            try await floor.watch.more(6)
            #expect(floor.watch.now.opened.isEmpty)
            #expect(floor.watch.now.rounds.last?.heldBack == .stream)
        }
        floor.limits.streamPatience = .milliseconds(200)
        try await floor.running { [floor] in
            try await floor.watch.wait { $0.opened == [.statusMismatch] }
        }
    }

    private func lease(_ floor: ReconcileFloor, isReady: Bool) async throws {
        let later = try #require(SystemTime().now().advanced(by: .seconds(3_600)))
        try await floor.tell(
            .control(
                .streamLeaseTaken(
                    StreamLeaseTaken(
                        order: ControlOrder(
                            scope: .global, actor: ActorName(trusted: "test"), reason: try Prose("a test")),
                        stream: StreamLeaseTaken.updates(of: ReconcileFloor.account),
                        process: ProcessName(trusted: "test"), epoch: 1, expiresAt: later,
                        readyUntil: isReady ? later : nil))), nil)
    }

    @Test func `keeps the account though its positions cannot be read, and says that they are not whole`() async throws
    {
        let floor = try await ReconcileFloor(broker)
        broker.change { $0.positionsFailure = .contractViolation }
        try await floor.running { try await floor.watch.more(3) }
        let facts = try await floor.facts()
        #expect(facts.first?.cash == 10_000 && facts.allSatisfy { !$0.complete })
    }

    @Test func `gives one thing one id, whatever numbers showed it`() async throws {
        var ids: [EventID] = []
        for filled in [10, 20] as [Amount] {
            let floor = try await ReconcileFloor(broker)
            broker.put("a", filled: filled, average: 10)
            try await floor.send("a")
            _ = try await Reconciler(floor.context()).once(writing: true)
            ids += try await floor.found().map(\.discrepancyID)
        }
        #expect(ids.count == 2 && Set(ids).count == 1)
    }
}
