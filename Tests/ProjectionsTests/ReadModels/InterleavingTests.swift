import Core
import Domain
import TestSupport
import Testing

@testable import Projections

/// Mixes partitions anew; each keeps its own order.
private func interleaved(
    _ placed: [(event: Event, place: RecordPosition)], _ random: inout SplitMix64
) -> [(event: Event, place: RecordPosition)] {
    var lanes = Dictionary(grouping: placed, by: \.place.source).sorted { $0.key < $1.key }.map { $0.value[...] }
    var mixed: [(event: Event, place: RecordPosition)] = []
    while !lanes.isEmpty {
        // Long runs of one partition as well as fine mixtures.
        let lane = Int(random.next() % UInt64(lanes.count))
        for _ in 0..<(1 + random.next() % (random.next() % 4 == 0 ? 60 : 3)) {
            if let next = lanes[lane].popFirst() { mixed.append(next) }
        }
        if lanes[lane].isEmpty { lanes.remove(at: lane) }
    }
    return mixed
}

@Suite struct `Rows of every read model` {
    private static let seed = Storm.seed

    /// Of the gate's own words stories have none: what a person said of the rollout, each another one.
    private static func steps(after count: Int) throws -> [Event] {
        try (1...40).map { number -> Event in
            let id = EventID(hashed: UInt64(number), 9)
            let now = Timestamp(nanoseconds: Int64(count + number) * 1_000_000_000)
            let envelope = Envelope(
                eventID: id, eventTime: now, ingestTime: now, source: SourceName(trusted: "cli"),
                correlation: StoryID(hashed: UInt64(number), 1))
            let step = RolloutStepTaken(
                rolloutID: Label(trusted: "rollout-\(number % 7)"), step: Int64(number / 7 + 1), phase: .paper,
                lane: .liveCanaryExecution, scopeSymbols: [Symbol(trusted: "AAPL")], scopeAccounts: [],
                scopeShare: .one, stopCondition: try Prose("a breach"),
                rollbackTrigger: try Prose("an incident"), fallbackRatioLimit: .one,
                actor: ActorName(trusted: "ann"), reason: try Prose("it is time"))
            return Event(envelope, .canary(.rolloutStepTaken(step)))
        }
    }

    private func check<P: Projection>(_ projection: P.Type) throws {
        var random = SplitMix64(seed: Self.seed)
        let told = Array(StoryTeller(.init(seed: Self.seed, orders: 150, symbols: 5, open: 12)))
        let events = try told + Self.steps(after: told.count)
        let placed = FoldRig<P>.place(events)
        var first = FoldRig<P>()
        first.fold(placed)
        #expect(!first.rows.isEmpty, "\(P.name) has no rows, seed \(Self.seed)")
        for round in 0..<4 {
            var other = FoldRig<P>()
            other.fold(interleaved(placed, &random))
            let differ = Set(first.rows.keys).symmetricDifference(other.rows.keys)
            #expect(differ.isEmpty, "\(P.name), seed \(Self.seed), round \(round): \(differ.count) keys")
            let changed = first.rows.filter { other.rows[$0.key] != $0.value }
            #expect(changed.isEmpty, "\(P.name), seed \(Self.seed), round \(round): \(changed.count) rows")
        }
        #expect(first.refusals.isEmpty, "\(P.name): \(first.refusals.first.map { "\($0)" } ?? "")")
    }

    @Test(arguments: Catalog.all.indices)
    func `are the same however topics and partitions interleave`(index: Int) throws {
        func open(_ projection: any Projection.Type) throws { try check(projection) }
        try open(Catalog.all[index])
    }
}
