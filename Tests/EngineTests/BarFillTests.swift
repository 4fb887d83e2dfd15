import Core
import Domain
import Engine
import Testing

@Suite struct `An order among bars` {
    /// No spread, no slippage, no latency, all of the volume: prices can be seen.
    private var bare: ReplaySettings {
        var settings = ReplaySettings()
        settings.spreadBps = .zero
        settings.slippageBps = .zero
        settings.impactBps = .zero
        settings.barParticipation = 1
        settings.latency = 0...0
        return settings
    }

    private func run(
        _ bars: [Bar], _ settings: ReplaySettings, _ orders: OrderRequest..., at time: Timestamp = Tapes.time(0)
    ) throws -> ReplayResult {
        try Replay(
            over: Tapes.bars(bars), settings, strategies: [],
            script: orders.map { ScriptedOrder(time: time, request: $0) }
        ).run()
    }

    private func order(
        _ direction: Direction = .up, _ type: OrderType = .market, qty: Amount = 10, _ tif: TimeInForce = .gtc,
        limit: Amount? = nil, stop: Amount? = nil, trail: Amount? = nil, percent: Amount? = nil
    ) -> OrderRequest {
        OrderRequest(
            symbol: 0, direction: direction, qty: qty, type: type, timeInForce: tif, limitPrice: limit, stopPrice: stop,
            trailPrice: trail, trailPercent: percent, source: "test")
    }

    /// It rises: 100, down to 90, up to 120, home at 110.
    private let rising = [Tapes.bar(0, 100, 120, 90, 110)]

    @Test func `takes the price of its moment, on the way the bar went`() throws {
        #expect(try run(rising, bare, order()).fills.map(\.price) == [100])
        // A third of the way is the low, half the way lies halfway between low and high.
        #expect(try run(rising, bare, order(), at: Tapes.time(0, 20_000_000_000)).fills.map(\.price) == [90])
        #expect(try run(rising, bare, order(), at: Tapes.time(0, 30_000_000_000)).fills.map(\.price) == [105])
    }

    @Test func `pays half the spread, then slippage, then its part of the volume`() throws {
        var settings = bare
        settings.spreadBps = 200
        #expect(try run(rising, settings, order()).fills.map(\.price) == [101])
        #expect(try run(rising, settings, order(.down)).fills.map(\.price) == [99])
        settings.slippageBps = 100
        #expect(try run(rising, settings, order()).fills.map(\.price) == [Amount("102.01")])
        settings.spreadBps = .zero
        settings.slippageBps = .zero
        settings.impactBps = 1_000
        // A tenth of the volume costs a tenth of the impact.
        #expect(try run(rising, settings, order(qty: 100)).fills.map(\.price) == [101])
    }

    @Test func `waits at its limit until bid or ask stand there, and gets just the limit`() throws {
        let fills = try run(rising, bare, order(.up, .limit, limit: 95)).fills
        #expect(fills.map(\.price) == [95])
        #expect(fills.map(\.time) == [Tapes.time(0, 10_000_000_000)])
        #expect(try run(rising, bare, order(.up, .limit, limit: 89)).fills.isEmpty)
        #expect(try run(rising, bare, order(.down, .limit, limit: 120)).fills.map(\.price) == [120])
        #expect(try run(rising, bare, order(.down, .limit, limit: 121)).fills.isEmpty)
        // The low is 90; with the spread the ask never came to 90.
        var wide = bare
        wide.spreadBps = 200
        #expect(try run(rising, wide, order(.up, .limit, limit: 90)).fills.isEmpty)
        #expect(try run(rising, wide, order(.up, .limit, limit: 102)).fills.map(\.price) == [101])
    }

    @Test func `stops are reached from their side and then take what there is`() throws {
        #expect(try run(rising, bare, order(.up, .stop, stop: 115)).fills.map(\.price) == [115])
        #expect(try run(rising, bare, order(.up, .stop, stop: 121)).fills.isEmpty)
        #expect(try run(rising, bare, order(.down, .stop, stop: 95)).fills.map(\.price) == [95])
        // The stop was passed between two bars: the first price beyond it counts.
        let gap = [Tapes.bar(0, 100, 101, 99, 100), Tapes.bar(1, 80, 81, 79, 80)]
        #expect(try run(gap, bare, order(.down, .stop, stop: 95)).fills.map(\.price) == [80])
    }

    @Test func `a stop limit waits for its stop, then for its limit`() throws {
        #expect(try run(rising, bare, order(.up, .stopLimit, limit: 116, stop: 115)).fills.map(\.price) == [115])
        // After the stop at 115 the price is never at 100 again in this bar, but in the next.
        let two = rising + [Tapes.bar(1, 110, 111, 99, 105)]
        let fills = try run(two, bare, order(.up, .stopLimit, limit: 100, stop: 115)).fills
        #expect(fills.map(\.price) == [100])
        #expect(fills.allSatisfy { $0.time >= Tapes.time(1) })
    }

    @Test func `a trailing stop follows the best price and never comes back`() throws {
        // Seen: 100 → 90 → 120 → 110. A seller's stop 8 below the best is hit at 92 on the way down.
        #expect(try run(rising, bare, order(.down, .trailingStop, trail: 8)).fills.map(\.price) == [92])
        // 12 below the best: the low of 90 is not reached by 88, then the best is 120 and 108 is not reached.
        #expect(try run(rising, bare, order(.down, .trailingStop, trail: 12)).fills.isEmpty)
        let fallen = rising + [Tapes.bar(1, 110, 110, 100, 101)]
        #expect(try run(fallen, bare, order(.down, .trailingStop, trail: 12)).fills.map(\.price) == [108])
        #expect(try run(fallen, bare, order(.down, .trailingStop, percent: 10)).fills.map(\.price) == [90])
        #expect(try run(rising, bare, order(.up, .trailingStop, trail: 15)).fills.map(\.price) == [105])
    }

    @Test func `a trailing stop that the market jumped over is reached where the market opens`() throws {
        // Best 100, stop 95; the next bar opens at 90 and goes up to 97 first.
        let bars = [Tapes.bar(0, 100, 100, 100, 100), Tapes.bar(1, 90, 97, 80, 85)]
        #expect(try run(bars, bare, order(.down, .trailingStop, trail: 5)).fills.map(\.price) == [90])
        let up = [Tapes.bar(0, 100, 100, 100, 100), Tapes.bar(1, 110, 120, 103, 115)]
        #expect(try run(up, bare, order(.up, .trailingStop, trail: 5)).fills.map(\.price) == [110])
    }

    @Test func `of the immediate kind is let go where nobody trades when it arrives`() throws {
        let late = [Tapes.bar(5, 100, 100, 100, 100)]
        for tif in [TimeInForce.ioc, .fok] {
            let result = try run(late, bare, order(tif))
            #expect(result.fills.isEmpty && result.counts.canceled == 1)
        }
        #expect(try run(late, bare, order(.gtc)).fills.map(\.price) == [100])
    }

    @Test func `may cost more than there is, and then the result says so`() throws {
        var settings = bare
        settings.initialCash = 50_000
        let bars = [Tapes.bar(0, 100, 100, 100, 100), Tapes.bar(1, 120, 120, 120, 120)]
        #expect(try run(bars, settings, order(qty: 900)).lowestCash == -40_000)
        #expect(try run(bars, settings, order(.down, qty: 900)).lowestCash == 50_000)
    }

    @Test func `that is filled without end stops the run at its limit`() throws {
        var settings = bare
        settings.barParticipation = Amount(units: 1_000_000)
        settings.maximumFills = 3
        let bars = (0..<4).map { Tapes.bar($0, 100, 100, 100, 100) }
        #expect(try run(Array(bars.prefix(3)), settings, order(qty: 1_000_000)).fills.count == 3)
        #expect(throws: Replay.Stop.tooManyFills(limit: 3, at: Tapes.time(4))) {
            try run(bars, settings, order(qty: 1_000_000))
        }
    }

    @Test func `gets no more than its part of the volume, and the rest later`() throws {
        var settings = bare
        settings.barParticipation = Amount(units: 100_000_000)
        let bars = (0..<3).map { Tapes.bar($0, 100, 100, 100, 100, volume: 50) }
        let result = try run(bars, settings, order(qty: 12))
        #expect(result.fills.map(\.qty) == [5, 5, 2])
        #expect(result.counts.filled == 1)
        // Two orders share it, first come first served.
        let shared = try run(bars, settings, order(qty: 4), order(qty: 4))
        #expect(shared.fills.map(\.order) == [0, 1, 1])
        #expect(shared.fills.map(\.qty) == [4, 1, 3])
        // Who comes in the middle has half of it.
        let late = try run([bars[0]], settings, order(qty: 12), at: Tapes.time(0, 30_000_000_000))
        #expect(late.fills.map(\.qty) == [2])
    }

    @Test func `of the immediate kind is filled at once, wholly or not, or not at all`() throws {
        var settings = bare
        settings.barParticipation = Amount(units: 5_000_000)
        let ioc = try run(rising + rising.map { _ in Tapes.bar(1, 100, 100, 100, 100) }, settings, order(.ioc))
        #expect(ioc.fills.map(\.qty) == [5])
        #expect(ioc.counts.canceled == 1 && ioc.counts.partlyFilled == 1)
        #expect(try run(rising, settings, order(.fok)).fills.isEmpty)
        #expect(try run(rising, bare, order(.fok)).fills.map(\.qty) == [10])
        // A limit that would be reached later in the bar comes too late.
        #expect(try run(rising, bare, order(.up, .limit, .ioc, limit: 95)).counts.canceled == 1)
    }

    private func order(_ tif: TimeInForce) -> OrderRequest { order(.up, .market, tif) }

    @Test func `of the day ends with it, another one does not`() throws {
        var settings = bare
        // The day ends after the first bar.
        settings.dayEnds = (Tapes.time(1).nanoseconds % 86_400_000_000_000)
        let bars = [Tapes.bar(0, 100, 100, 100, 100), Tapes.bar(1, 100, 100, 90, 95)]
        let day = try run(bars, settings, order(.up, .limit, .day, limit: 95))
        #expect(day.fills.isEmpty && day.counts.expired == 1)
        #expect(try run(bars, settings, order(.up, .limit, .gtc, limit: 95)).fills.count == 1)
    }

    private func order(
        _ direction: Direction, _ type: OrderType, _ tif: TimeInForce, limit: Amount? = nil
    ) -> OrderRequest { order(direction, type, qty: 10, tif, limit: limit) }

    @Test func `that no venue would take is rejected and says why`() throws {
        let result = try run(
            rising, bare, order(qty: .zero), order(.up, .limit), order(.up, .market, .opg),
            order(.up, .trailingStop, trail: 1, percent: 1))
        #expect(result.counts.rejected == 4 && result.fills.isEmpty)
        #expect(
            result.rejections.map(\.reason) == [
                "quantity_not_positive", "limit_price_missing", "auctions_are_not_simulated",
                "one_of_trail_price_and_trail_percent_needed",
            ])
    }
}
