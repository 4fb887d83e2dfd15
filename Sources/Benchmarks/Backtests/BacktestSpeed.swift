import Backtesting
import Core
import Engine

/// A backtest of a million bars beside a bare loop over the same bars.
enum BacktestSpeed {
    static let bars = 1_000_000

    static func run(into table: inout Table) async throws {
        let before = try FoldBench.residentMegabytes()
        let tape = try tape()
        let replay = Replay(
            over: tape, ReplaySettings(),
            strategies: [
                Strategy(id: "legacy", rules: .legacyMacdRsi(LegacyMacdRsi()), qty: 3, symbols: [0]),
                Strategy(id: "tsmom", rules: .intradayTsmom(IntradayTsmom()), qty: 3, symbols: [0]),
            ], script: [])
        let clock = ContinuousClock()
        var hashes: Set<String> = []
        var best = Duration.seconds(3_600)
        var fills = 0
        for _ in 0..<2 {
            let start = clock.now
            let result = try replay.run()
            best = min(best, clock.now - start)
            fills = result.fills.count
            hashes.insert(ReplayArtifacts(result, of: replay).replayHash)
        }
        precondition(hashes.count == 1, "two runs of one plan differ")
        let start = clock.now
        let sum = bare(tape)
        let floor = clock.now - start
        precondition(sum != 0, "the bars have prices")
        let peak = try FoldBench.peakMegabytes()
        table.add(
            Row(
                name: "backtest of \(Row.grouped(bars)) bars, 2 strategies, \(Row.grouped(fills)) fills: "
                    + "\(Row.short(best.seconds)) s, \(peak - before) MiB, same hash twice",
                ours: Row.perSecond(bars, best), floor: "\(Row.perSecond(bars, floor)) (bare loop)",
                ratio: best.seconds / floor.seconds, target: .none))
    }

    /// Looks at every price once, and does nothing else.
    private static func bare(_ tape: MarketTape) -> Int128 {
        var sum: Int128 = 0
        for entry in tape.entries {
            if case .bar(let bar) = entry.item {
                sum &+= bar.open.units &+ bar.high.units &+ bar.low.units &+ bar.close.units &+ bar.volume.units
            }
        }
        return sum
    }

    private static func tape() throws -> MarketTape {
        var tape = MarketTape(of: [try Symbol("BTC/USD")], limit: bars)
        var (state, price) = (UInt64(7), Int64(10_000))
        for index in 0..<bars {
            let open = price
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            price = max(500, price + Int64((state >> 33) % 61) - 30 + ((index / 40) % 2 == 0 ? 6 : -6))
            let time = 1_500_000_000_000_000_000 + Int64(index) * 60_000_000_000
            func cents(_ value: Int64) -> Amount { Amount(units: Int128(value) * 10_000_000) }
            try tape.append(
                .bar(
                    Bar(
                        opened: Timestamp(nanoseconds: time), closed: Timestamp(nanoseconds: time + 60_000_000_000),
                        open: cents(open), high: cents(max(open, price) + 7), low: cents(min(open, price) - 5),
                        close: cents(price), volume: 500)), of: 0)
        }
        return tape
    }
}
