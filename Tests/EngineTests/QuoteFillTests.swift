import Core
import Domain
import Engine
import Testing

@Suite struct `An order among quotes` {
    private func quote(_ second: Int64, _ bid: Amount, _ ask: Amount, size: Amount? = nil) -> MarketTape.Item {
        .quote(
            Quote(bid: bid, ask: ask, bidSize: size, askSize: size, time: Tapes.time(0, second * 1_000_000_000)))
    }

    private func run(
        _ quotes: [MarketTape.Item], latency: Int64 = 0,
        _ orders: (second: Int64, request: OrderRequest)...
    ) throws -> ReplayResult {
        var settings = ReplaySettings()
        settings.slippageBps = .zero
        settings.latency = latency...latency
        return try Replay(
            over: Tapes.tape(quotes), settings, strategies: [],
            script: orders.map {
                ScriptedOrder(time: Tapes.time(0, $0.second * 1_000_000_000), request: $0.request)
            }
        ).run()
    }

    private func order(
        _ direction: Direction = .up, qty: Amount = 10, _ type: OrderType = .market, _ tif: TimeInForce = .gtc,
        limit: Amount? = nil, stop: Amount? = nil
    ) -> OrderRequest {
        OrderRequest(
            symbol: 0, direction: direction, qty: qty, type: type, timeInForce: tif, limitPrice: limit,
            stopPrice: stop, source: "test")
    }

    @Test func `that arrives between two quotes meets the one that stands`() throws {
        let quotes = [quote(0, 99, 101), quote(10, 109, 111)]
        #expect(try run(quotes, (5, order())).fills.map(\.price) == [101])
        #expect(try run(quotes, latency: 6_000_000_000, (5, order())).fills.map(\.price).isEmpty)
        #expect(try run(quotes, latency: 5_000_000_000, (5, order())).fills.map(\.price) == [111])
    }

    @Test func `does not trust a quote that stood too long`() throws {
        let quotes = [quote(0, 99, 101), quote(200, 109, 111)]
        let fills = try run(quotes, (150, order())).fills
        #expect(fills.map(\.price) == [111])
    }

    @Test func `of the immediate kind is let go where no quote stands when it arrives`() throws {
        let quotes = [quote(0, 99, 101), quote(200, 109, 111)]
        for tif in [TimeInForce.ioc, .fok] {
            // Before the first quote, and when the last one stood too long.
            for second: Int64 in [-10, 150] {
                let result = try run(quotes, (second, order(.up, .market, tif)))
                #expect(result.fills.isEmpty && result.counts.canceled == 1)
            }
            #expect(try run(quotes, (200, order(.up, .market, tif))).fills.map(\.price) == [111])
        }
    }

    @Test func `takes no more than the size, and two share it`() throws {
        let quotes = [quote(0, 99, 101, size: 6), quote(10, 99, 102, size: 6)]
        let result = try run(quotes, (0, order(qty: 8)), (0, order(qty: 3)))
        #expect(result.fills.map(\.qty) == [6, 2, 3])
        #expect(result.fills.map(\.price) == [101, 102, 102])
    }

    @Test func `that waited at its limit is traded there, and not at a better price`() throws {
        let quotes = [quote(0, 99, 101), quote(10, 90, 92)]
        #expect(try run(quotes, (0, order(.up, .limit, limit: 95))).fills.map(\.price) == [95])
        // The same limit, sent when the ask already is below it, takes the ask.
        #expect(try run(quotes, (10, order(.up, .limit, limit: 95))).fills.map(\.price) == [92])
    }

    private func order(
        _ direction: Direction, _ type: OrderType, _ tif: TimeInForce = .gtc, limit: Amount? = nil, stop: Amount? = nil
    ) -> OrderRequest { order(direction, qty: 10, type, tif, limit: limit, stop: stop) }

    @Test func `of the kind stop looks at the side it would trade`() throws {
        let quotes = [quote(0, 99, 101), quote(10, 103, 105)]
        #expect(try run(quotes, (0, order(.up, .stop, stop: 104))).fills.map(\.price) == [105])
        #expect(try run(quotes, (0, order(.down, .stop, stop: 99))).fills.map(\.price) == [99])
        #expect(try run(quotes, (0, order(.down, .stop, stop: 98))).fills.isEmpty)
    }
}

extension ReplaySettings {
    /// For tests that vary one thing.
    static func with(_ change: (inout ReplaySettings) -> Void) -> ReplaySettings {
        var settings = ReplaySettings()
        change(&settings)
        return settings
    }
}
