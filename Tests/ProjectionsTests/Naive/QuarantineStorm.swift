import Core
import Domain
import NaiveReadModels
import TestSupport
import Testing
import Wire

@testable import Projections

/// P3, P9: whatever operators say about parked records, and whenever that is read, the rows follow from the log.
@Suite struct `A storm of poison and words` {
    private static let projections: [any Projection.Type] = [
        Executions.self, TradeDecisions.self, ExecutionOrderEvents.self,
    ]

    /// Updates of a few orders, a third of them spoilt, and words about any of them.
    private func storm(_ random: inout SplitMix64) throws -> Tale {
        var story = OrderTale()
        func chance(_ one: UInt64) -> Bool { random.next() % one == 0 }
        var places: [RecordPosition] = []
        var values: [[UInt8]] = []
        for number in 0..<16 {
            let qty: Amount = chance(4) ? 9_000_000_000_000 : 2
            let place = try story.update(
                client: "c\(number % 3)", type: "fill", execution: "e\(number)", qty: qty, price: 3)
            places.append(place)
            values.append(story.tale.records[place.source]?.last?.value ?? [])
            if chance(4) {
                let key = chance(3) ? nil : Array("AAPL".utf8)
                places.append(story.tale.tell(TopicCatalog.orderEvents, key: key, chance(2) ? nil : Array("{".utf8)))
            }
        }
        let order = ControlOrder(scope: .global, actor: try ActorName("ada"), reason: try Prose("seen to"))
        for _ in 0..<40 {
            let place = places[Int(random.next() % UInt64(places.count))]
            let name = Self.projections[Int(random.next() % 3)].name.text
            let record = ParkedKey(
                projection: try Label(name), projectionVersion: 1, sourceTopic: try TopicName(place.source.topic),
                sourcePartition: Int64(place.source.partition), sourceOffset: place.offset)
            switch random.next() % 3 {
            case 0: try story.tell(.control(.quarantineSkipped(QuarantineSkipped(order: order, record: record))))
            case 1: try story.tell(.control(.quarantineReleased(QuarantineReleased(order: order, record: record))))
            default:
                let value = chance(4) ? Array("[".utf8) : values[Int(random.next() % UInt64(values.count))]
                try story.tell(
                    .control(
                        .quarantinePatched(
                            QuarantinePatched(
                                order: order, record: record, patchedValue: try Octets(value),
                                originalSHA256: try story.hash()))))
            }
        }
        return story.tale
    }

    @Test(arguments: 1...8) func `gives the same rows however control and the records interleave`(seed: UInt64) throws {
        var random = SplitMix64(seed: Storm.seed &* 100 &+ seed)
        let tale = try storm(&random)
        let naive = tale.naive
        for _ in 0..<6 {
            var fold = MemoryFold(Self.projections)
            var rest = tale.shuffled(by: &random)[...]
            while !rest.isEmpty {
                let batch = rest.prefix(1 + Int(random.next() % 12))
                try fold.fold(batch)
                rest = rest.dropFirst(batch.count)
            }
            let differences = naive.differences(in: fold.tables, of: Self.projections.map { $0.name.text })
            #expect(differences.isEmpty, "seed \(seed): \(differences.map(\.description).joined(separator: "\n"))")
        }
    }
}
