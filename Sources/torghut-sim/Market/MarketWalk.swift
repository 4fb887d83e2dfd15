import Core
import Threading

/// Moves the market: a seeded walk for each symbol, told as quotes and traded on.
///
/// A price is drawn back to where it began, so that it stays plausible for as long as anybody looks.
struct MarketWalk: Sendable {
    let broker: SimBroker
    let symbols: [String]
    /// Quotes each second, of all symbols together.
    let pace: Int
    let seed: UInt64

    /// Until its task is cancelled.
    func run() async {
        var dice = Dice(seed: seed)
        let time = SystemTime()
        var next = time.uptime()
        var number = 0
        // Every symbol has a quote before the first is asked for.
        for symbol in symbols { step(symbol, &dice) }
        while !Task.isCancelled {
            step(symbols[number % symbols.count], &dice)
            number += 1
            next = max(next + .seconds(1) / pace, time.uptime() - .seconds(1))
            let wait = next - time.uptime()
            // Cancelled, the loop sees it.
            if wait > .zero { try? await Task.sleep(for: wait) }
        }
    }

    private func step(_ symbol: String, _ dice: inout Dice) {
        let start = SimMarket.start(of: symbol)
        let old = broker.change { state, _ in state.quotes[symbol] }
        let middle = old.map { ($0.bid.units + $0.ask.units) / 2 * 100 / Amount.unitsPerOne } ?? start
        // Up to four basis points either way, and a two-hundredth of the way back.
        let chance = Int128(dice.next() % 2_001) - 1_000
        let size = start < 100_000 ? Int128(10) : 1
        let drawn = middle * size + middle * size * chance / 2_500_000 + (start - middle) * size / 200
        let moved = max(100, drawn / size)
        let spread = max(1, moved * Int128(1 + dice.next() % 3) / 20_000)
        let quote = SimBroker.Quote(
            bid: SimMarket.price(hundredths: moved - spread), ask: SimMarket.price(hundredths: moved + spread))
        broker.tell(quote, of: symbol, sizes: (Int(100 + dice.next() % 900), Int(100 + dice.next() % 900)))
    }
}

extension SimBroker {
    /// What is told on the market stream is what orders are filled at.
    func tell(_ quote: Quote, of symbol: String, sizes: (bid: Int, ask: Int)) {
        let time = change { state, time -> Timestamp in
            state.quote(symbol, quote, at: time)
            return time
        }
        hub.publishMarket(
            "quotes", symbol,
            .object([
                "T": .string("q"), "S": .string(symbol), "bx": .string("V"), "bp": .number(quote.bid.description),
                "bs": .count(sizes.bid), "ax": .string("V"), "ap": .number(quote.ask.description),
                "as": .count(sizes.ask), "c": .array([.string("R")]), "t": .time(time), "z": .string("C"),
            ]))
    }
}
