import Core
import Domain
import JSON
import Testing

@testable import Wire

/// Two shapes of one payload: the first had a price and no currency, and its quantity was a whole number.
private struct Traded: Versioned {
    typealias Older = TradedOnce
    static var versions: ClosedRange<Int64> { 2...3 }

    var qty: Amount
    var currency: Label

    init(qty: Amount, currency: Label) {
        self.qty = qty
        self.currency = currency
    }

    init(unread: Unread) { self.init(qty: unread(), currency: unread()) }

    init(upcasting older: TradedOnce) {
        self.init(qty: Amount(older.qty), currency: older.currency)
    }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("qty", &qty, "Quantity.")
        try fields.field("currency", &currency, "Currency.")
    }
}

private struct TradedOnce: Versioned {
    var qty: Int64
    var currency: Label

    init(unread: Unread) {
        qty = unread()
        currency = unread()
    }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("qty", &qty, "Quantity.")
        try fields.field("money", &currency, "Currency, under the name it had then.")
    }
}

@Suite struct `An older version` {
    private func read(_ text: String, version: Int64) throws -> Traded {
        var parser = JSONParser()
        let value = try parser.parse(Array(text.utf8))
        let known = KnownNames()
        return try PayloadDecoder.read(value, version, KnownNames.Lent(known))
    }

    @Test func `is upcast before anyone sees it`() throws {
        #expect(try read(#"{"qty":7,"money":"USD"}"#, version: 1) == Traded(qty: 7, currency: Label("USD")))
    }

    @Test(arguments: [2, 3] as [Int64])
    func `that has today's shape is read as it is`(version: Int64) throws {
        let traded = Traded(qty: try Amount("7.5"), currency: try Label("USD"))
        #expect(try read(#"{"qty":"7.5","currency":"USD"}"#, version: version) == traded)
    }

    @Test func `is held to its own shape`() {
        #expect(throws: WalkFailure.self) { try read(#"{"qty":"7.5","currency":"USD"}"#, version: 1) }
        #expect(throws: WalkFailure.self) { try read(#"{"qty":7,"money":"USD"}"#, version: 2) }
    }

    @Test(arguments: [0, 4, -1, .max] as [Int64])
    func `that nobody ever wrote is unknown`(version: Int64) {
        #expect {
            try read(#"{"qty":7,"money":"USD"}"#, version: version)
        } throws: { error in
            guard case .unknownVersion(version) = error as? WalkFailure else { return false }
            return true
        }
    }

    @Test(
        arguments: [
            (#""event_type":"order.teleported","version":1"#, 1), (#""event_type":"shadow.failed","version":2"#, 2),
            (#""event_type":"shadow.failed","version":0"#, 0),
        ] as [(String, Int64)])
    func `or type that is not known is carried whole, and is no error`(kind: String, version: Int64) throws {
        let text = """
            {"event_id":"01234567-89ab-8def-8123-456789abcdef",\(kind),"event_ts":"2026-02-12T06:35:00Z",
            "ingest_ts":"2026-02-12T06:35:00Z","account_label":"paper","symbol":"AAPL","seq":1,"source":"s",
            "correlation_id":"01234567-89ab-8def-8123-456789abcdef","payload":{"where": [1.50, "mars"]}}
            """
        var decoder = EventDecoder()
        guard case .opaque(let event) = try decoder.decode(Array(text.utf8)) else {
            Issue.record("expected an opaque event")
            return
        }
        #expect(event.version == version)
        #expect(kind.contains("\"\(event.type)\""))
        #expect(event.payload.description == #"{"where":[1.50,"mars"]}"#)
        #expect(event.envelope.source.text == "s")
    }

    @Test func `is not even looked at by a reader who did not ask for its type`() throws {
        let sample = try #require(Samples.events.first { $0.path == "shadow/failed.json" })
        var decoder = EventDecoder(wanting: [.shadow(.shadowSimulated)])
        guard case .passed(let envelope, .shadow(.shadowFailed)) = try decoder.decode(sample.bytes) else {
            Issue.record("expected to be passed over")
            return
        }
        #expect(envelope.symbol?.text == "AAPL")
    }
}
