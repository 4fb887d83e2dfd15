internal import Core

/// One holding and what it cost: average cost, long and short alike, without a rounding that is ever lost.
///
/// Cost is kept whole, as quantity times price with eighteen decimals. A part that is closed takes its share of it,
/// rounded once; what was rounded stays with the rest. So a holding that is closed has realized exactly what came in
/// less what went out.
struct Inventory: Sendable, Equatable {
    /// In units of 1e-9, below zero for a short one.
    private(set) var quantity: Int128 = 0
    /// What was paid or taken for it, in units of 1e-18, signed as the quantity.
    private(set) var cost: Int128 = 0

    /// What closing a part of it came to.
    struct Closing: Sendable, Equatable {
        /// Above zero, in units of 1e-9.
        let quantity: Int128
        /// In units of 1e-18.
        let realized: Int128
    }

    enum Fault: Error, Equatable { case overflow }

    /// Takes a fill in: above zero is bought, below is sold; nothing is changed when the numbers are too large.
    mutating func take(_ signed: Int128, at price: Int128) throws(Fault) -> Closing? {
        guard signed != 0 else { return nil }
        let isOpposite = (signed < 0) != (quantity < 0) && quantity != 0
        guard isOpposite else {
            try open(signed, at: price)
            return nil
        }
        var next = self
        let closed = min(signed.magnitude, quantity.magnitude)
        let part = signed < 0 ? -Int128(closed) : Int128(closed)
        let share = try next.release(closed)
        let realized = try Self.minus(try Self.minus(0, Self.times(part, price)), share)
        if part != signed { try next.open(signed - part, at: price) }
        self = next
        return Closing(quantity: Int128(closed), realized: realized)
    }

    /// Cost of one, rounded to nine decimals; `nil` for nothing.
    var averagePrice: Amount? {
        guard quantity != 0 else { return nil }
        let (whole, rest) = cost.magnitude.quotientAndRemainder(dividingBy: quantity.magnitude)
        guard let units = Int128(exactly: whole + (Self.roundsUp(whole, rest, quantity.magnitude) ? 1 : 0)) else {
            return nil
        }
        return Amount(units: units)
    }

    private mutating func open(_ signed: Int128, at price: Int128) throws(Fault) {
        let (quantity, overflow) = quantity.addingReportingOverflow(signed)
        guard !overflow else { throw .overflow }
        cost = try Self.minus(cost, Self.minus(0, Self.times(signed, price)))
        self.quantity = quantity
    }

    /// Takes this much out, and its share of the cost with it.
    private mutating func release(_ closed: UInt128) throws(Fault) -> Int128 {
        guard closed < quantity.magnitude else {
            defer { (quantity, cost) = (0, 0) }
            return cost
        }
        let product = cost.magnitude.multipliedFullWidth(by: closed)
        // Less than the whole is closed, so the share is less than the cost and fits.
        let (whole, rest) = quantity.magnitude.dividingFullWidth(product)
        let rounded = whole + (Self.roundsUp(whole, rest, quantity.magnitude) ? 1 : 0)
        guard let magnitude = Int128(exactly: rounded) else { throw .overflow }
        let share = cost < 0 ? -magnitude : magnitude
        cost -= share
        quantity += quantity < 0 ? Int128(closed) : -Int128(closed)
        return share
    }

    /// Half to even.
    static func roundsUp(_ whole: UInt128, _ rest: UInt128, _ divisor: UInt128) -> Bool {
        let left = divisor - rest
        return rest > left || (rest == left && whole % 2 == 1)
    }

    private static func times(_ left: Int128, _ right: Int128) throws(Fault) -> Int128 {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        guard !overflow else { throw .overflow }
        return product
    }

    private static func minus(_ left: Int128, _ right: Int128) throws(Fault) -> Int128 {
        let (difference, overflow) = left.subtractingReportingOverflow(right)
        guard !overflow else { throw .overflow }
        return difference
    }
}
