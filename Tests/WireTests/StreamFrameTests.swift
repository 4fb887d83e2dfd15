import Core
import Domain
import Testing
import Wire

@Suite struct `A message of the update stream` {
    private func read(_ text: String) throws -> StreamFrame {
        var reader = StreamFrameReader()
        return try reader.read(Array(text.utf8))
    }

    @Test(
        arguments: [
            (#"{"stream":"authorization","data":{"status":"authorized","action":"authenticate"}}"#, .authorized),
            (#"{"stream":"authorization","data":{"status":"unauthorized"}}"#, .unauthorized("unauthorized")),
            (
                #"{"stream":"authorization","data":{"status":"unauthorized","message":"connection limit exceeded"}}"#,
                .complaint(code: 406, "connection limit exceeded")
            ),
            (#"{"stream":"listening","data":{"streams":["trade_updates",7]}}"#, .listening(["trade_updates"])),
            (#"{"stream":"listening","data":{}}"#, .listening([])),
            (#"[{"T":"error","code":402,"msg":"auth failed"}]"#, .complaint(code: 402, "auth failed")),
            (#"{"stream":"error","data":{"code":406,"msg":"no"}}"#, .complaint(code: 406, "no")),
            (#"{"action":"error","data":{"error_message":"internal"}}"#, .complaint(code: nil, "internal")),
            ("[]", .other), ("7", .other), ("{}", .other), (#"{"stream":7}"#, .other),
        ] as [(String, StreamFrame)])
    func `is read for what it says`(text: String, frame: StreamFrame) throws {
        #expect(try read(text) == frame)
    }

    @Test(arguments: ["", "{", #"{"stream":"trade_updates"}"#, #"{"stream":"trade_updates","data":[]}"#, "\u{FFFF}"])
    func `that is none is refused`(text: String) {
        #expect(throws: StreamFrameFault.self) { try read(text) }
    }

    @Test func `names symbol, order and time, and carries the broker's words as they are`() throws {
        let data =
            #"{ "event":"fill","t":"2026-02-11T15:30:02Z","order":{"id":"o","symbol":"AAPL","status":"filled"} }"#
        guard case .update(let update) = try read(#"{"stream":"trade_updates","data":"# + data + "}") else {
            Issue.record("no update")
            return
        }
        #expect(update.symbol == "AAPL" && update.orderID == "o" && update.isOver)
        #expect(update.eventTime == (try Timestamp("2026-02-11T15:30:02Z")))
        #expect(String(decoding: update.data, as: UTF8.self) == data)
        for odd in [#"{"order":7}"#, #"{"timestamp":"yesterday","order":{"symbol":""}}"#, "{}"] {
            guard case .update(let update) = try read(#"{"stream":"trade_updates","data":"# + odd + "}") else {
                Issue.record("no update")
                return
            }
            #expect(update.symbol == nil && update.eventTime == nil && !update.isOver)
        }
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":1,"account_label":"p\"1"}"#), ("{}", #"{"account_label":"p\"1"}"#),
        ("{ }", #"{ "account_label":"p\"1"}"#), (#"{"account_label":"x"}"#, #"{"account_label":"x"}"#),
    ])
    func `gets the account's label once`(data: String, labelled: String) throws {
        guard case .update(let update) = try read(#"{"stream":"trade_updates","data":"# + data + "}") else {
            Issue.record("no update")
            return
        }
        let records = UpdateEnvelope(account: try AccountLabel(#"p"1"#)).records(
            of: update, from: .rest, seq: 9, takenIn: Timestamp(nanoseconds: 1_000_000_000))
        #expect(records.map(\.topic) == [TopicCatalog.tradeUpdates.name, TopicCatalog.tradeUpdatesV2.name])
        let texts = records.map { String(decoding: $0.value ?? [], as: UTF8.self) }
        #expect(
            texts[1] == #"{"ingestTs":"1970-01-01T00:00:01Z","eventTs":"1970-01-01T00:00:01Z","feed":"alpaca","#
                + #""channel":"trade_updates","symbol":"UNKNOWN","seq":9,"payload":\#(labelled),"#
                + #""accountLabel":"p\"1","isFinal":true,"source":"rest","window":null,"version":2}"#)
        #expect(texts[0].contains(#""payload":\#(data),"accountLabel":null"#) && texts[0].hasSuffix(#""version":1}"#))
    }

    @Test func `and a listed order or execution are read back as what they are`() throws {
        let order = CompactJSON(
            trusted: Array(
                #"{"id":"o-1","client_order_id":"c","symbol":"AAPL","status":"canceled","qty":"3","filled_qty":"1","updated_at":"2026-02-11T15:30:02Z","submitted_at":"2026-02-10T15:30:02Z"}"#
                    .utf8))
        let listed = try #require(StreamUpdate(listed: order))
        #expect(try listed.isOver && listed.eventTime == Timestamp("2026-02-11T15:30:02Z"))
        let execution = try #require(
            StreamUpdate(
                StreamUpdate.Execution(
                    event: "partial_fill", id: "e-1", orderID: "o-1", time: "2026-02-11T15:30:01Z", symbol: "AAPL",
                    side: "buy", price: "190.5", qty: "1", cumulativeQty: "1", orderStatus: "partially_filled")))
        let envelope = UpdateEnvelope(account: try AccountLabel("paper"))
        var reader = BrokerUpdateReader(defaultAccount: try AccountLabel("paper"))
        func readBack(_ update: StreamUpdate) throws -> BrokerUpdate {
            let record = envelope.records(of: update, from: .rest, seq: 1, takenIn: .epoch)[1]
            return try reader.read(record.value ?? [])
        }
        let seen = try readBack(listed)
        #expect(seen.eventType == nil && seen.status?.text == "canceled" && seen.fill.filledQty == 1)
        #expect(seen.eventTime == listed.eventTime && seen.clientOrderID?.text == "c")
        let fill = try readBack(execution)
        #expect(fill.executionID?.text == "e-1" && fill.fill.sliceQty == 1 && fill.fill.slicePrice != nil)
        #expect(fill.fill.filledQty == 1 && fill.side == .buy && fill.orderID?.text == "o-1")
    }
}
