import Core
import Domain
import Testing
import Wire

@Suite struct `A broker update` {
    private func read(_ text: String, account: String = "paper") throws -> BrokerUpdate {
        var reader = BrokerUpdateReader(defaultAccount: try AccountLabel(account))
        return try reader.read(Array(text.utf8))
    }

    private func sample(_ name: String, account: String = "paper") throws -> BrokerUpdate {
        let sample = try #require(Samples.updates.first { $0.path == "trade_updates/\(name).json" })
        return try read(String(decoding: sample.bytes, as: UTF8.self), account: account)
    }

    @Test(
        arguments: [
            ("snake-v1", .envelopeSnakeCase, "paper", .laneDefault, "order-1", "fill", "filled"),
            ("snake-v2", .envelopeCamelCase, "paper-b", .payloadAccountLabel, "order-9", "fill", "filled"),
            (
                "camel-v1", .envelopeCamelCase, "paper", .laneDefault, "61e69015-8549-4bfd-b9c3-01e75843f47d", "new",
                "accepted"
            ),
            (
                "camel-v2", .envelopeCamelCase, "PA3SX7FYNUTF", .payloadAccountLabel,
                "61e69015-8549-4bfd-b9c3-01e75843f47d", "new", "accepted"
            ),
            ("alpaca-fill", .rawFrame, "paper", .laneDefault, "a5be8f5e-fdfa-41f5-a644-7a74fe947a8f", "fill", "filled"),
            (
                "alpaca-canceled", .rawFrame, "paper", .laneDefault, "61e69015-8549-4bfd-b9c3-01e75843f47d", "canceled",
                "canceled"
            ),
            (
                "simulation", .envelopeSnakeCase, "sim", .payloadAccountLabel, "sim-order-0123456789abcdef0123", "fill",
                "filled"
            ),
            ("bare", .bareOrder, "paper-d", .payloadAccountLabelCamel, "order-2", "fill", "filled"),
            (
                "order-object", .orderObject, "paper", .laneDefault, "61e69015-8549-4bfd-b9c3-01e75843f47d", nil,
                "accepted"
            ),
            ("order-label", .envelopeSnakeCase, "paper-c", .orderAlpacaAccountLabel, "o-3", "rejected", "rejected"),
        ] as [(String, UpdateShape, String, AccountOrigin, String, String?, String)])
    func `is read in every shape`(
        name: String, shape: UpdateShape, account: String, origin: AccountOrigin, order: String, event: String?,
        status: String
    ) throws {
        let update = try sample(name)
        #expect(update.shape == shape)
        #expect(update.account.text == account)
        #expect(update.accountOrigin == origin)
        #expect(update.orderID?.text == order)
        #expect(update.eventType?.text == event)
        #expect(update.status?.text == status)
        #expect(try CompactJSON(parsing: update.raw.bytes) == update.raw)
    }

    @Test func `keeps slice and order apart`() throws {
        let update = try sample("alpaca-fill")
        #expect(update.fill.sliceQty == (try Amount("1790.86")))
        #expect(update.fill.slicePrice == (try Amount("105.8988475")))
        #expect(update.fill.filledQty == (try Amount("1790.86")))
        #expect(update.fill.positionQty == .zero)
        #expect(update.executionID?.text == "2f63ea93-423d-4169-b3f6-3fdafc10c418")
        // No fill, no slice, and a canceled order keeps what was filled.
        let canceled = try sample("alpaca-canceled")
        #expect(canceled.fill.sliceQty == nil)
        #expect(canceled.fill.filledQty == (try Amount("0.25")))
        // An order by notional has no quantity.
        #expect(canceled.terms.qty == nil)
        #expect(canceled.terms.notional == 500)
        #expect(try sample("alpaca-replaced").replacedBy?.text == "7b7f2d6f-3a6f-4b2b-9d7b-6e3a1f6f0f11")
    }

    @Test func `takes numbers as texts and as numbers, with exponents, and keeps nanoseconds`() throws {
        let update = try sample("alpaca-partial-crypto")
        #expect(update.fill.sliceQty == (try Amount("0.00000001")))
        #expect(update.fill.filledQty == (try Amount("0.00000001")))
        #expect(update.fill.positionQty == (try Amount("0.5")))
        // An average may have more digits than an amount keeps: it is rounded, the raw message keeps them.
        #expect(update.fill.averagePrice == (try Amount("26893.123456789")))
        #expect(update.raw.description.contains("26893.12345678901"))
        #expect(update.eventTime == (try Timestamp("2023-10-13T13:34:25.947032783Z")))
        #expect(try sample("order-label").feedSeq == 11)
        #expect(try sample("bare").symbol?.text == "AAPL")
        #expect(try sample("order-label").symbol == nil)
    }

    @Test(
        arguments: [
            ("payload", "account_label", .payloadAccountLabel), ("payload", "accountLabel", .payloadAccountLabelCamel),
            ("order", "alpaca_account_label", .orderAlpacaAccountLabel), ("order", "account_label", .orderAccountLabel),
            ("order", "accountLabel", .orderAccountLabelCamel), ("root", "account_label", .envelopeAccountLabel),
            ("root", "accountLabel", .envelopeAccountLabelCamel),
        ] as [(String, String, AccountOrigin)])
    func `finds the account under each spelling, and the more specific wins`(
        place: String, key: String, origin: AccountOrigin
    ) throws {
        let label = { (at: String) in at == place ? #""\#(key)":"mine","# : "" }
        let text = """
            {\(label("root"))"channel":"trade_updates","payload":{\(label("payload"))"event":"new",
            "order":{\(label("order"))"id":"o"}}}
            """
        let update = try read(text)
        #expect(update.account.text == "mine")
        #expect(update.accountOrigin == origin)
        // Blank is absent.
        #expect(try read(text.replacing("mine", with: " ")).accountOrigin == .laneDefault)

    }

    @Test(
        arguments: [
            ("timestamp", .payloadTimestamp), ("t", .payloadT), ("updated_at", .orderUpdatedAt),
            ("submitted_at", .orderSubmittedAt), ("event_ts", .envelopeEventTs), ("eventTs", .envelopeEventTsCamel),
        ] as [(String, BrokerUpdate.TimeOrigin)])
    func `finds its time where it is`(key: String, origin: BrokerUpdate.TimeOrigin) throws {
        let time = { (keys: [String]) in keys.contains(key) ? #""\#(key)":"2026-02-01T10:00:00.000000001Z","# : "" }
        let update = try read(
            """
            {\(time(["event_ts", "eventTs"]))"channel":"trade_updates","payload":{\(time(["timestamp", "t"]))
            "event":"new","order":{\(time(["updated_at", "submitted_at"]))"client_order_id":"c"}}}
            """)
        #expect(update.eventTime == (try Timestamp("2026-02-01T10:00:00.000000001Z")))
        #expect(update.eventTimeOrigin == origin)
    }

    /// The forwarder sends each update on two topics, and again after a reconnect under another number.
    @Test func `has one fingerprint however often and wherever it is sent`() throws {
        #expect(try sample("camel-v1", account: "PA3SX7FYNUTF").fingerprint == sample("camel-v2").fingerprint)
        #expect(try sample("camel-v1").fingerprint != sample("camel-v2").fingerprint)
        let first = try read(
            #"{"channel":"trade_updates","seq":10,"payload":{"event":"fill","order":{"id":"o","filled_qty":"1"}}}"#)
        let again = try read(
            #"{"channel":"trade_updates","seq":0,"payload":{"event":"fill","order":{"id":"o","filled_qty":1.00}}}"#)
        #expect(first.fingerprint == again.fingerprint)
        #expect(again.feedSeq == 0)
        let more = try read(
            #"{"channel":"trade_updates","seq":10,"payload":{"event":"fill","order":{"id":"o","filled_qty":"2"}}}"#)
        #expect(more.fingerprint != first.fingerprint)
        #expect("\(try sample("snake-v1").fingerprint)" == "\(EventMint.content(Array(Self.vector.utf8)))")
    }

    private static let vector = """
        torghut.broker-update.v1
        account_label=5:paper
        order=7:order-1
        event_type=4:fill
        status=6:filled
        event_ts=20:2026-02-01T10:00:00Z
        qty=1:1
        filled_qty=1:1
        filled_avg_price=5:190.2

        """

    @Test(
        arguments: [
            ("", .malformed), ("[]", .malformed), ("{", .malformed), (#"{"a":1,"a":2}"#, .malformed),
            (#"{"channel":"trade_updates","payload":{"order":{"id":"a","id":"b"}}}"#, .malformed),
            ("{}", .missingPayload), (#"{"stream":"listening","data":{"streams":[]}}"#, .missingPayload),
            (#"{"channel":"quotes","payload":{"order":{"id":"o"}}}"#, .missingPayload),
            (#"{"channel":"trade_updates","payload":[]}"#, .missingPayload),
            (#"{"channel":"trade_updates","payload":{"event":"fill","order":{"symbol":"AAPL"}}}"#, .missingIdentity),
            (
                #"{"channel":"trade_updates","payload":{"event":"fill","order":{"id":" ","client_order_id":null}}}"#,
                .missingIdentity
            ),
        ] as [(String, ParkReason)])
    func `that is none is put aside under a name`(text: String, reason: ParkReason) throws {
        let refusal = #expect(throws: BrokerUpdateRefusal.self) { try read(text) }
        #expect(refusal?.parkReason == reason)
    }

    @Test(arguments: [
        ("order", "qty", #""NaN""#), ("order", "qty", #""Infinity""#), ("order", "qty", #""abc""#),
        ("order", "qty", "true"),
        ("order", "qty", "0.30000000000000004"), ("order", "filled_qty", "1e-10"), ("order", "qty", "1e40"),
        ("order", "filled_avg_price", #""1e""#), ("order", "id", "7"), ("order", "side", #""up""#),
        ("order", "status", "[]"), ("payload", "timestamp", #""2026-02-01T10:00:00""#),
        ("payload", "timestamp", #""2026-02-30T10:00:00Z""#), ("payload", "timestamp", "1770878100"),
        ("payload", "event", "{}"), ("payload", "price", #""x""#), ("payload", "position_qty", #""1,5""#),
        ("payload", "seq", "1.5"), ("payload", "account_label", "7"),
    ])
    func `with a wrong field is put aside, and the field is named`(place: String, key: String, wrong: String) throws {
        let field = { (at: String) in at == place ? #""\#(key)":\#(wrong),"# : "" }
        let event = key == "event" ? "" : #""event":"fill","#
        let text = """
            {"channel":"trade_updates","payload":{\(field("payload"))\(event)"order":{\(field("order"))
            "client_order_id":"c"}}}
            """
        let refusal = #expect(throws: BrokerUpdateRefusal.self) { try read(text) }
        guard case .invalid(let path, let reason) = refusal else {
            Issue.record("\(key) = \(wrong): \(String(describing: refusal))")
            return
        }
        #expect(path == "$.payload.\(place == "order" ? "order." : "")\(key)")
        #expect(!reason.isEmpty)
    }

    @Test(arguments: [
        ("1E-8", "0.00000001"), ("1.5e3", "1500"), ("-2.50E+2", "-250"), ("0e5", "0"), ("12e-1", "1.2"),
        ("1e28", "10000000000000000000000000000"),
    ])
    func `may write a quantity with an exponent`(text: String, amount: String) throws {
        let update = try read(#"{"order":{"id":"o","qty":"\#(text)","filled_qty":\#(text)}}"#)
        #expect(update.terms.qty == (try Amount(amount)))
        #expect(update.fill.filledQty == (try Amount(amount)))
    }

    @Test(arguments: [
        ("0.0000000005", "0"), ("0.0000000015", "0.000000002"), ("0.00000000050001", "0.000000001"),
        ("1.9999999999", "2"), ("99.9999999996", "100"), ("-1.0000000025", "-1.000000002"),
        ("105.123456789499", "105.123456789"),
    ])
    func `has its average price rounded half to even`(text: String, amount: String) throws {
        #expect(
            try read(#"{"order":{"id":"o","filled_avg_price":"\#(text)"}}"#).fill.averagePrice == (try Amount(amount)))
    }
}
