import Core
import Domain
import Testing

@testable import Schemas

/// Two shapes of one payload, the newer one under two versions.
private struct Priced: Versioned {
    typealias Older = PricedOnce
    static var versions: ClosedRange<Int64> { 2...3 }

    var price: Amount

    init(unread: Unread) { price = unread() }
    init(upcasting older: PricedOnce) { price = Amount(older.price) }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("price", &price, "The price.")
    }
}

private struct PricedOnce: Versioned {
    var price: Int64

    init(unread: Unread) { price = unread() }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("price", &price, "The price, when it was a whole number.")
    }
}

@Suite struct `Versions of an event` {
    @Test func `are each described, the older ones too`() {
        var shapes = PayloadShapes()
        shapes.collect(Priced.self)
        #expect(shapes.shapes.map(\.version) == [2, 3, 1])
        let schemas = shapes.shapes.map {
            EventSchema(.decisions(.decisionRecorded), version: $0.version, payload: $0.fields)
        }
        #expect(schemas.map(\.name) == ["decision.recorded.v2", "decision.recorded.v3", "decision.recorded.v1"])
        let types = schemas.map { $0.document["properties"]?["payload"]?["properties"]?["price"]?["type"] }
        #expect(types == [.string("string"), .string("string"), .string("integer")])
        #expect(schemas.map { $0.document["properties"]?["version"]?["const"] } == [2, 3, 1].map { .integer($0) })
    }
}
