import Core
import Glibc

/// Two days of the market, minute by minute, for backtests: the same in every file that is written.
///
/// Prices have moods that last, so that a strategy has something to follow.
enum MarketDay {
    static let minutes = 2 * 24 * 60
    /// 2026-02-12, midnight UTC.
    private static let start: Int64 = 1_770_854_400
    private static let seed: UInt64 = 9

    /// Nothing happens where there is a file already: it may be somebody's own.
    static func write(to file: String, _ symbols: [String]) throws(DiskFile.Problem) {
        guard unsafe access(file, F_OK) != 0 else { return }
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        for count in 1..<parts.count where !parts[count - 1].isEmpty {
            try DiskFile.makeFolder(parts.prefix(count).joined(separator: "/"))
        }
        // Whoever reads it sees all of it or none.
        let unfinished = file + ".part"
        let place = try DiskFile.open(unfinished, empty: true)
        defer { close(place) }
        try DiskFile.append(Array(text(symbols).utf8), to: place)
        try DiskFile.rename(unfinished, to: file)
    }

    static func text(_ symbols: [String]) -> String {
        var dice = Dice(seed: seed)
        var walks = symbols.map { Walk(symbol: $0, price: SimMarket.start(of: $0)) }
        var text = "ts,symbol,open,high,low,close,volume\n"
        for minute in 0..<minutes {
            let time = Timestamp(nanoseconds: (start + Int64(minute) * 60) * 1_000_000_000)
            for index in walks.indices {
                text += "\(time),\(walks[index].symbol),\(walks[index].step(&dice))\n"
            }
        }
        return text
    }

    /// Prices in hundredths.
    private struct Walk {
        let symbol: String
        var price: Int128
        var mood: Int128 = 0

        /// One bar, which begins where the one before ended.
        mutating func step(_ dice: inout Dice) -> String {
            let unit = max(1, price / 10_000)
            mood = mood * 9 / 10 + Self.chance(&dice, 3 * unit)
            let open = price
            price = max(100, price + mood / 2 + Self.chance(&dice, 4 * unit))
            let high = max(open, price) + abs(Self.chance(&dice, 2 * unit))
            let low = max(1, min(open, price) - abs(Self.chance(&dice, 2 * unit)))
            let numbers = [open, high, low, price].map { SimMarket.price(hundredths: $0).description }
            return numbers.joined(separator: ",") + ",\(20 + dice.next() % 400)"
        }

        /// Anything between minus and plus `size`.
        private static func chance(_ dice: inout Dice, _ size: Int128) -> Int128 {
            Int128(dice.next() % UInt64(2 * size + 1)) - size
        }
    }
}
