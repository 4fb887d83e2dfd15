import Core
import Domain
import Lanes
import TestSupport
import Testing
import Threading
import Wire

@Suite struct `Quotes at the time of a decision` {
    private static func quote(_ cents: Int64, at second: Int64) -> NewRecord {
        let at = Timestamp(nanoseconds: 1_770_000_000_000_000_000 + second * 1_000_000_000)
        return QuoteRecord(
            symbol: Symbol(trusted: "AAPL"), bid: Amount(units: Int128(cents) * 10_000_000),
            ask: Amount(units: Int128(cents + 1) * 10_000_000), bidSize: 1, askSize: 2, quoteTime: at, ingestTime: at,
            seq: 1
        ).record
    }

    @Test(
        arguments: [
            (10, "100"), (19, "100"), (20, "101"), (25, "101"), (9, nil), (61, nil),
        ] as [(Int64, String?)])
    func `are the last one before it that is not too old`(second: Int64, bid: String?) async throws {
        let log = MemoryLog()
        try await log.create(TopicCatalog.specs)
        let writer = try await log.writer(named: "quotes")
        // One that comes late is put where it belongs, and what is no quote costs nothing.
        let strange = NewRecord(topic: TopicCatalog.quotes.name, partition: 0, value: Array("{".utf8))
        _ = try await writer.append(
            Append([Self.quote(10_100, at: 20), strange, Self.quote(10_000, at: 10)]))
        await writer.close()
        let tape = QuoteTape(log, time: SystemTime())
        let craft = ShadowCraft(tape: tape, quoteMaximumAge: .seconds(40))
        let following = Task { await craft.accompany() }
        let moment = Timestamp(nanoseconds: 1_770_000_000_000_000_000 + second * 1_000_000_000)
        let found = await tape.quote(of: Symbol(trusted: "AAPL"), at: moment, within: .seconds(40))
        #expect(found?.bid.description == bid)
        #expect(await tape.quote(of: Symbol(trusted: "MSFT"), at: moment, within: .seconds(40)) == nil)
        following.cancel()
        await following.value
    }

    @Test func `are read as the forwarder wrote them`() throws {
        let text = """
            {"ingestTs":"2026-02-12T06:35:01Z","eventTs":"2026-02-12T06:35:00Z","feed":"alpaca","channel":"quotes",
            "symbol":"NVDA","seq":812,"payload":{"T":"q","S":"NVDA","bx":"V","bp":187.21,"bs":3,"ax":"V","ap":187.25,
            "as":1,"c":["R"],"t":"2026-02-12T06:35:00.5Z","z":"C"},"isFinal":true,"source":"ws","version":1}
            """
        var reader = QuoteReader()
        let bytes = Array(text.utf8)
        let read = unsafe reader.read(bytes.span.bytes, ingestedAt: .earliest)
        let quote = try #require(read)
        #expect(quote.bid.description == "187.21" && quote.ask.description == "187.25" && quote.seq == 812)
        let value = quote.record.value ?? []
        let again = unsafe reader.read(value.span.bytes, ingestedAt: .earliest)
        #expect(again == quote)
        let crossed = Array(#"[{"T":"q","S":"A","bp":2,"ap":1,"t":"2026-02-12T06:35:00Z"},{"T":"t"}]"#.utf8)
        #expect(reader.readAll(crossed, ingestedAt: .earliest).isEmpty)
    }
}
