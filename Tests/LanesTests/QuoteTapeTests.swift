import Core
import Domain
import HTTPServer
import Lanes
import Synchronization
import TestSupport
import Testing
import Threading
import Wire

/// A wall clock that the test moves.
private final class HeldClock: TimeSource {
    private let machine = SystemTime()
    private let moment: Mutex<Timestamp>

    init(at moment: Timestamp) { self.moment = Mutex(moment) }

    func now() -> Timestamp { moment.withLock { $0 } }
    func uptime() -> Duration { machine.uptime() }
    func pass(_ time: Duration) { moment.withLock { $0 = $0.advanced(by: time) ?? .latest } }
}

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
        let found = try await tape.quote(of: Symbol(trusted: "AAPL"), at: moment, within: .seconds(40))
        #expect(found?.bid.description == bid)
        #expect(try await tape.quote(of: Symbol(trusted: "MSFT"), at: moment, within: .seconds(40)) == nil)
        following.cancel()
        await following.value
    }

    @Test func `are not told by a tape that is behind`() async throws {
        let log = MemoryLog()
        try await log.create(TopicCatalog.specs)
        let writer = try await log.writer(named: "quotes")
        _ = try await writer.append(Append([Self.quote(10_000, at: 10)]))
        await writer.close()
        // Nobody reads it.
        let tape = QuoteTape(log, time: SystemTime())
        await #expect(throws: LaneFault.self) {
            try await tape.quote(
                of: Symbol(trusted: "AAPL"), at: Timestamp(nanoseconds: 1_770_000_011_000_000_000),
                within: .seconds(40))
        }
    }

    @Test func `of a moment that has just been are waited for`() async throws {
        let log = MemoryLog()
        try await log.create(TopicCatalog.specs)
        let now = SystemTime().now()
        let clock = HeldClock(at: now)
        let tape = QuoteTape(log, time: clock)
        let following = Task { await ShadowCraft(tape: tape, quoteMaximumAge: .seconds(40)).accompany() }
        func quote(_ cents: Int64, _ age: Duration) -> NewRecord {
            QuoteRecord(
                symbol: Symbol(trusted: "AAPL"), bid: Amount(units: Int128(cents) * 10_000_000), ask: 200, bidSize: 1,
                askSize: 2, quoteTime: now.advanced(by: .zero - age) ?? now, ingestTime: now, seq: 1
            ).record
        }
        let writer = try await log.writer(named: "quotes")
        _ = try await writer.append(Append([quote(10_000, .seconds(5))]))
        async let found = tape.quote(of: Symbol(trusted: "AAPL"), at: now, within: .seconds(40))
        try await Task.sleep(for: .milliseconds(100))
        // In force at the moment, and told of after it.
        _ = try await writer.append(Append([quote(10_100, .milliseconds(1))]))
        await writer.close()
        // The time for stragglers is over when the test says so.
        clock.pass(.seconds(1))
        #expect(try await found?.bid.description == "101")
        following.cancel()
        await following.value
    }

    @Test(
        arguments: [
            (0, "99", "100", true), (-40_000_000_000, "99", "100", true), (1, "99", "100", false),
            (-40_000_000_001, "99", "100", false), (0, "101", "100", false), (0, "0", "100", false),
        ] as [(Int64, String, String, Bool)])
    func `of the decision itself count when they are sound, were there and were young`(
        offset: Int64, bid: String, ask: String, counts: Bool
    ) async throws {
        let quote = ReferenceQuote(
            bid: try Amount(bid), ask: try Amount(ask), bidSize: 1, askSize: 1,
            quoteTime: LaneFloor.decided.advanced(by: .nanoseconds(offset)) ?? .earliest,
            source: SourceName(trusted: "test"))
        let asked = Mutex<[String]>([])
        let floor = try await LaneFloor { request in
            asked.withLock { $0.append(String(decoding: request.body, as: UTF8.self)) }
            return .json(Array(LaneFloor.filled.utf8))
        }
        try await floor.emit(0..<1, quote: quote, decidedAt: LaneFloor.decided)
        // Long ago: it is judged at once, too.
        try await floor.run(quoteMaximumAge: .seconds(40)) { try await !floor.shadows().isEmpty }
        #expect(asked.withLock { $0.first?.contains("reference_quote") } == counts)
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
