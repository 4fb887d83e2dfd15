import Core
import Domain
import NaiveReadModels
import TestSupport
import Testing
import Wire

/// What an operator may decide, and what becomes of the records behind.
@Suite struct `Naive parking` {
    private enum Word { case release, skip, patch([UInt8]) }

    private func control(_ tale: inout OrderTale, _ word: Word, _ place: RecordPosition) throws {
        let order = ControlOrder(scope: .global, actor: try ActorName("ada"), reason: try Prose("seen to"))
        let record = ParkedKey(
            projection: try Label("executions"), projectionVersion: 1, sourceTopic: try TopicName(place.source.topic),
            sourcePartition: Int64(place.source.partition), sourceOffset: place.offset)
        switch word {
        case .release: try tale.tell(.control(.quarantineReleased(QuarantineReleased(order: order, record: record))))
        case .skip: try tale.tell(.control(.quarantineSkipped(QuarantineSkipped(order: order, record: record))))
        case .patch(let value):
            try tale.tell(
                .control(
                    .quarantinePatched(
                        QuarantinePatched(
                            order: order, record: record, patchedValue: try Octets(value),
                            originalSHA256: try tale.hash()))))
        }
    }

    private func states(_ tale: OrderTale) -> [String] {
        tale.tale.naive.rows(of: "executions_parked").filter { $0["source_topic"] == TopicCatalog.orderEvents.name }
            .map { ($0["state"] ?? nil) ?? "" }
    }

    private func filled(_ tale: OrderTale) -> String? {
        tale.tale.naive.rows(of: "executions").first.flatMap { $0["filled_qty"] ?? nil }
    }

    /// One that is refused, one that is fine and one that is no event, all of one key.
    private func line(_ tale: inout OrderTale) throws -> [RecordPosition] {
        let key = Array("AAPL".utf8)
        return [
            try tale.update(client: "c1", type: "fill", execution: "e1", qty: 9_000_000_000_000, price: 1),
            try tale.update(client: "c1", type: "fill", execution: "e2", qty: 2, price: 1),
            tale.tale.tell(TopicCatalog.orderEvents, key: key, Array("{".utf8)),
            try tale.update(client: "c1", type: "fill", execution: "e3", qty: 3, price: 1),
        ]
    }

    @Test func `holds up one key in its order`() throws {
        var tale = OrderTale()
        let places = try line(&tale)
        #expect(states(tale) == ["parked", "deferred", "deferred", "deferred"])
        try control(&tale, .skip, places[1])
        #expect(states(tale) == ["parked", "deferred", "deferred", "deferred"])
        try control(&tale, .release, places[0])
        #expect(states(tale) == ["parked", "deferred", "deferred", "deferred"])
        try control(&tale, .skip, places[0])
        #expect(states(tale) == ["skipped", "parked", "deferred"])
        #expect(filled(tale) == "2")
        try control(&tale, .patch(Array("[".utf8)), places[2])
        #expect(states(tale) == ["skipped", "parked", "deferred"])
        var other = OrderTale()
        try other.update(client: "c1", type: "fill", execution: "e9", qty: 7, price: 1)
        let value = try #require(other.tale.records.values.first?.first?.value)
        try control(&tale, .patch(value), places[2])
        #expect(states(tale) == ["skipped", "patched"])
        #expect(filled(tale) == "12")
    }

    @Test func `hears words before their record, in the order of control`() throws {
        var (tale, early) = (OrderTale(), OrderTale())
        let places = try line(&early)
        try control(&tale, .skip, places[2])
        try control(&tale, .skip, places[0])
        _ = try line(&tale)
        #expect(states(tale) == ["skipped", "parked", "deferred"])
        try control(&tale, .skip, places[2])
        #expect(states(tale) == ["skipped", "skipped"])
        #expect(filled(tale) == "5")
    }

    @Test func `passes over what nobody knows or wants`() throws {
        var tale = OrderTale()
        try tale.update(client: "c1", status: "new")
        let key = Array("AAPL".utf8)
        let bytes = try #require(tale.tale.records.values.first?.first?.value)
        let text = String(decoding: bytes, as: UTF8.self)
        let type = "\"order.broker_update_recorded\""
        for other in ["\"new.type\"", "\"order.discrepancy_found\""] {
            tale.tale.tell(TopicCatalog.orderEvents, key: key, Array(text.replacing(type, with: other).utf8))
        }
        #expect(states(tale).isEmpty)
        let later = text.replacing("\"version\":1", with: "\"version\":9")
        tale.tale.tell(TopicCatalog.orderEvents, key: key, Array(later.utf8))
        tale.tale.tell(TopicCatalog.orderEvents, key: Array("MSFT".utf8), nil)
        #expect(states(tale) == ["parked", "parked"])
    }
}
