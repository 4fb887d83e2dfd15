import Core
import Engine
import TestSupport

/// Market data for tests: small and by hand, or long and by chance.
enum Tapes {
    static let minute: Int64 = 60_000_000_000
    static let symbol: Symbol = {
        do { return try Symbol("BTC/USD") } catch { fatalError("\(error)") }
    }()

    static func time(_ minutes: Int64, _ nanoseconds: Int64 = 0) -> Timestamp {
        Timestamp(nanoseconds: 1_700_000_040_000_000_000 + minutes * minute + nanoseconds)
    }

    static func bar(
        _ index: Int64, _ open: Amount, _ high: Amount, _ low: Amount, _ close: Amount, volume: Amount = 1_000
    ) -> Bar {
        Bar(
            opened: time(index), closed: time(index + 1), open: open, high: high, low: low, close: close,
            volume: volume)
    }

    static func tape(_ items: [MarketTape.Item]) throws -> MarketTape {
        var tape = MarketTape(of: [symbol], limit: 10_000_000)
        for item in items { try tape.append(item, of: 0) }
        return tape
    }

    static func bars(_ bars: [Bar]) throws -> MarketTape { try tape(bars.map { .bar($0) }) }

    /// A walk of bars or quotes that goes up and down in turns, as strategies like it.
    static func walk(_ seed: UInt64, count: Int, quotes: Bool) throws -> MarketTape {
        var dice = SplitMix64(seed: seed)
        var price: Int64 = 10_000
        var items: [MarketTape.Item] = []
        for index in 0..<count {
            let open = price
            price = max(500, price + Int64.random(in: -30...30, using: &dice) + ((index / 40) % 2 == 0 ? 6 : -6))
            let (low, high) = (min(open, price) - .random(in: 0...9, using: &dice), max(open, price) + 7)
            func cents(_ value: Int64) -> Amount { Amount(units: Int128(value) * 10_000_000) }
            let volume = Amount(Int64.random(in: 0...400, using: &dice))
            if quotes {
                let spread = Int64.random(in: 1...5, using: &dice)
                items.append(
                    .quote(
                        Quote(
                            bid: cents(price - spread), ask: cents(price + spread), bidSize: volume, askSize: volume,
                            time: time(Int64(index) / 2, Int64(index % 2) * 20_000_000_000))))
            } else {
                items.append(
                    .bar(bar(Int64(index), cents(open), cents(high), cents(low), cents(price), volume: volume)))
            }
        }
        return try tape(items)
    }
}
