import Core
import Domain
import Ingest
import TestSupport
import Testing

@Suite struct `The reconciler under faults` {
    /// An order that was canceled behind our back, one from outside, a position by hand, and one that is not there.
    private func differing(_ broker: ScriptedBooks) async throws -> ReconcileFloor {
        var floor = try await ReconcileFloor(broker)
        floor.limits.recordsPerAppend = 3
        broker.put("a")
        broker.put("orphan")
        try await floor.send("a")
        try await floor.send("gone")
        // The account is known, and at rest, before anything is wrong with it.
        try await floor.running { [floor] in try await floor.watch.more(1) }
        broker.put("a", .canceled)
        broker.change { $0.held = ["TSLA": 7] }
        return floor
    }

    private let expected: Set<DiscrepancyKind> = [
        .statusMismatch, .unknownBrokerOrder, .positionMismatch, .missingAtBroker,
    ]

    @Test func `opens each discrepancy once, whichever append fails and however`() async throws {
        for fault in [AppendFault.beforeWriting, .afterWriting] {
            for place in 0..<6 {
                let floor = try await differing(ScriptedBooks())
                let faults = Array(repeating: AppendFault.none, count: place) + [fault]
                let log = FaultyLog(floor.feed.log, failing: "torghut.reconciler", faults)
                try await floor.running(log) {
                    try await floor.watch.wait { heard in heard.retries == 1 }
                    try await floor.watch.wait { heard in (heard.rounds.last?.open.count ?? 0) == expected.count }
                    try await floor.watch.more(3)
                }
                let found = try await floor.found()
                #expect(Set(found.map(\.kind)) == expected, "\(fault) at \(place)")
                #expect(found.count == expected.count, "\(fault) at \(place): \(found.map(\.kind))")
            }
        }
    }

    @Test(arguments: [true, false]) func `opens each once when it restarts after every round`(
        _ keeps: Bool
    ) async throws {
        let floor = try await differing(ScriptedBooks())
        for restart in 0..<5 {
            let seen = floor.watch.now.rounds.count
            let reconciler = Reconciler(floor.context(snapshots: keeps ? "r" : "r\(restart)"))
            let work = Task { try await reconciler.run() }
            try await floor.watch.wait { $0.rounds.count >= seen + 4 }
            work.cancel()
            try await work.value
        }
        #expect(floor.watch.now.ready.dropFirst(2).allSatisfy { $0 == keeps })
        let found = try await floor.found()
        #expect(Set(found.map(\.kind)) == expected && found.count == expected.count, "\(found.map(\.kind))")
    }

    @Test func `ends when another one has taken over, and each is opened once`() async throws {
        let floor = try await differing(ScriptedBooks())
        let first = Task { try await Reconciler(floor.context()).run() }
        try await floor.watch.more(1)
        let second = Task { try await Reconciler(floor.context(snapshots: "other")).run() }
        try await floor.watch.wait { $0.isFenced }
        await #expect(throws: LogError.self) { try await first.value }
        try await floor.watch.wait { ($0.rounds.last?.open.count ?? 0) == expected.count }
        try await floor.watch.more(3)
        second.cancel()
        try await second.value
        #expect(try await floor.found().count == expected.count)
    }

    /// Two that know the same and ask the same broker, and know nothing of one another.
    @Test func `gives a discrepancy the same id whoever finds it`() async throws {
        let broker = ScriptedBooks()
        var ids: [Set<EventID>] = []
        for _ in 0..<2 {
            let floor = try await ReconcileFloor(broker)
            broker.put("a", .canceled)
            broker.put("orphan")
            try await floor.send("a")
            _ = try await Reconciler(floor.context()).once(writing: true)
            ids.append(Set(try await floor.found().map(\.discrepancyID)))
        }
        #expect(ids[0] == ids[1] && ids[0].count == 2)
    }

    @Test func `looks once beside one that runs: the same differences have the same ids`() async throws {
        let floor = try await differing(ScriptedBooks())
        let dry = try await Reconciler(floor.context(snapshots: "dry")).once(writing: false)
        #expect(Set(dry.findings.opened.map(\.kind)) == expected)
        #expect(try await floor.found().isEmpty)
        var context = floor.context(snapshots: "once")
        context.writerName = "torghut.reconcile-now"
        let once = try await Reconciler(context).once(writing: true)
        #expect(Set(once.findings.opened.map(\.kind)) == expected)
        let found = try await floor.found()
        #expect(found.count == expected.count)
        let again = try await Reconciler(context).once(writing: true)
        #expect(again.findings.isEmpty && again.open.count == expected.count)
        #expect(Set(again.open.map(\.id)) == Set(found.map(\.discrepancyID)))
    }
}
