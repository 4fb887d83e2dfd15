internal import Core

/// A sum from which everything that was added can be taken away again, in any order.
///
/// An amount beyond 2^100 units is only counted: then the sum is the largest amount there is, which no limit allows.
struct ExactSum: Sendable, Equatable {
    private var units: Int128 = 0
    private var above = 0
    private var below = 0

    private static let bound: Int128 = 1 << 100

    mutating func add(_ amount: Amount) { change(amount, by: 1) }

    mutating func remove(_ amount: Amount) { change(amount, by: -1) }

    private mutating func change(_ amount: Amount, by sign: Int) {
        if amount.units > Self.bound {
            above += sign
        } else if amount.units < -Self.bound {
            below += sign
        } else {
            // It would take 2^27 of the largest to leave the range.
            units &+= sign > 0 ? amount.units : -amount.units
        }
    }

    var amount: Amount {
        if above > 0 { return .maximum }
        return below > 0 ? .minimum : Amount(units: units)
    }
}
