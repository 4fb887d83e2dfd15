internal import Core

/// What trades of a time came to, with the inventory that was there before: a fold of fills in the order they happened.
struct ProfitAndLoss: Sendable {
    struct Key: Hashable, Sendable, Comparable {
        let account: String
        let symbol: String

        static func < (left: Self, right: Self) -> Bool { (left.account, left.symbol) < (right.account, right.symbol) }
    }

    struct Fill: Sendable {
        let key: Key
        /// Microseconds since 1970.
        let micros: Int64
        /// Above zero is bought, below is sold.
        let signed: Amount
        let price: Amount
    }

    struct Holding: Sendable {
        fileprivate(set) var opening = Inventory()
        fileprivate(set) var inventory = Inventory()
        /// In units of 1e-18.
        fileprivate(set) var realized: Int128 = 0
        fileprivate(set) var closed: Int128 = 0
        fileprivate(set) var wins: Int64 = 0
        fileprivate(set) var losses: Int64 = 0
        fileprivate(set) var fills: Int64 = 0
    }

    /// One closing within the time.
    struct Point: Sendable {
        let micros: Int64
        let key: Key
        let realized: Int128
    }

    private(set) var holdings: [Key: Holding] = [:]
    private(set) var points: [Point] = []
    /// Fills whose numbers are too large to be reckoned with: they are left out and told.
    private(set) var unreckoned: Int64 = 0
    /// Fills before this moment are the inventory it opens with.
    private let from: Int64

    init(from micros: Int64) { from = micros }

    mutating func take(_ fill: Fill) {
        var holding = holdings[fill.key] ?? Holding()
        let isInside = fill.micros >= from
        do throws(Inventory.Fault) {
            let closing = try holding.inventory.take(fill.signed.units, at: fill.price.units)
            if !isInside {
                holding.opening = holding.inventory
            } else if let closing {
                let (realized, overflow) = holding.realized.addingReportingOverflow(closing.realized)
                guard !overflow else { throw .overflow }
                holding.realized = realized
                holding.closed += closing.quantity
                if closing.realized > 0 { holding.wins += 1 }
                if closing.realized < 0 { holding.losses += 1 }
                points.append(Point(micros: fill.micros, key: fill.key, realized: closing.realized))
            }
        } catch { return unreckoned += 1 }
        if isInside { holding.fills += 1 }
        holdings[fill.key] = holding
    }

    /// Of all holdings together; `nil` where the sum is too large.
    var realized: Int128? {
        var sum: Int128 = 0
        for holding in holdings.values {
            let (next, overflow) = sum.addingReportingOverflow(holding.realized)
            guard !overflow else { return nil }
            sum = next
        }
        return sum
    }

    var closed: Int128 { holdings.values.reduce(0) { $0 &+ $1.closed } }
    var wins: Int64 { holdings.values.reduce(0) { $0 + $1.wins } }
    var losses: Int64 { holdings.values.reduce(0) { $0 + $1.losses } }

    /// Eighteen decimals as nine, rounded once, half to even.
    static func amount(_ units: Int128) -> Amount {
        let divisor: UInt128 = 1_000_000_000
        let (whole, rest) = units.magnitude.quotientAndRemainder(dividingBy: divisor)
        let rounded = Int128(whole + (Inventory.roundsUp(whole, rest, divisor) ? 1 : 0))
        return Amount(units: units < 0 ? -rounded : rounded)
    }
}
