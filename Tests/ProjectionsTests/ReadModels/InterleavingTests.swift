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

    private func check<P: Projection>(_ projection: P.Type) {
        var random = SplitMix64(seed: Self.seed)
        let events = Array(StoryTeller(.init(seed: Self.seed, orders: 150, symbols: 5, open: 12)))
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
    func `are the same however topics and partitions interleave`(index: Int) {
        func open(_ projection: any Projection.Type) { check(projection) }
        open(Catalog.all[index])
    }
}
