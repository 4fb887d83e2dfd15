internal import Core

/// A whole number of any size, so that sums and products of amounts stay exact; quotients are rounded once.
struct Exact: Equatable {
    /// The lowest word first, no zeros behind.
    private var words: [UInt32]
    private var isNegative: Bool

    private init(_ words: [UInt32], isNegative: Bool) {
        var words = words
        while words.last == 0 { words.removeLast() }
        self.words = words
        self.isNegative = isNegative && !words.isEmpty
    }

    init(_ number: Int128) {
        var (words, rest) = ([UInt32](), number.magnitude)
        while rest > 0 {
            words.append(UInt32(truncatingIfNeeded: rest))
            rest >>= 32
        }
        self.init(words, isNegative: number < 0)
    }

    static let zero = Exact(0)

    var isZero: Bool { words.isEmpty }

    /// The number, if an `Int128` holds it.
    var number: Int128? {
        guard let magnitude else { return nil }
        guard isNegative else { return Int128(exactly: magnitude) }
        return magnitude <= Int128.min.magnitude ? 0 &- Int128(truncatingIfNeeded: magnitude) : nil
    }

    private var magnitude: UInt128? {
        words.count > 4 ? nil : words.reversed().reduce(0) { $0 << 32 | UInt128($1) }
    }

    static func + (left: Exact, right: Exact) -> Exact {
        guard left.isNegative == right.isNegative else {
            return isLess(left.words, right.words)
                ? Exact(difference(right.words, left.words), isNegative: right.isNegative)
                : Exact(difference(left.words, right.words), isNegative: left.isNegative)
        }
        var (sum, carry) = ([UInt32](), UInt64(0))
        for index in 0..<max(left.words.count, right.words.count) {
            carry += word(left.words, index) + word(right.words, index)
            sum.append(UInt32(truncatingIfNeeded: carry))
            carry >>= 32
        }
        sum.append(UInt32(carry))
        return Exact(sum, isNegative: left.isNegative)
    }

    static prefix func - (number: Exact) -> Exact { Exact(number.words, isNegative: !number.isNegative) }

    static func - (left: Exact, right: Exact) -> Exact { left + -right }

    static func * (left: Exact, right: Exact) -> Exact {
        var product = [UInt32](repeating: 0, count: left.words.count + right.words.count)
        for (low, a) in left.words.enumerated() {
            var carry: UInt64 = 0
            for (high, b) in right.words.enumerated() {
                carry += UInt64(product[low + high]) + UInt64(a) * UInt64(b)
                product[low + high] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            product[low + right.words.count] = UInt32(carry)
        }
        return Exact(product, isNegative: left.isNegative != right.isNegative)
    }

    /// The quotient, rounded half to even.
    func divided(by divisor: Exact, bitByBit: Bool = false) -> Exact {
        precondition(!divisor.isZero, "nothing is divided by zero")
        let (quotient, rest): (Exact, Exact)
        if !bitByBit, let left = magnitude, let right = divisor.magnitude {
            let result = left.quotientAndRemainder(dividingBy: right)
            (quotient, rest) = (Exact(unsigned: result.quotient), Exact(unsigned: result.remainder))
        } else {
            (quotient, rest) = Self.long(words, divisor.words)
        }
        let twice = rest + rest
        let isAbove = Self.isLess(divisor.words, twice.words)
        let isOdd = (quotient.words.first ?? 0) % 2 == 1
        let rounded = isAbove || (twice.words == divisor.words && isOdd) ? quotient + Exact(1) : quotient
        return Exact(rounded.words, isNegative: isNegative != divisor.isNegative)
    }

    private init(unsigned number: UInt128) {
        self.init(
            (0..<4).map { UInt32(truncatingIfNeeded: number >> (32 * UInt128($0))) }, isNegative: false)
    }

    /// Long division, one binary digit after the other.
    private static func long(_ left: [UInt32], _ right: [UInt32]) -> (quotient: Exact, rest: Exact) {
        var quotient = [UInt32](repeating: 0, count: left.count)
        var rest = Exact.zero
        for bit in (0..<left.count * 32).reversed() {
            rest = rest + rest + Exact(Int128(left[bit / 32] >> UInt32(bit % 32) & 1))
            if !isLess(rest.words, right) {
                rest = Exact(difference(rest.words, right), isNegative: false)
                quotient[bit / 32] |= 1 << UInt32(bit % 32)
            }
        }
        return (Exact(quotient, isNegative: false), rest)
    }

    private static func word(_ words: [UInt32], _ index: Int) -> UInt64 {
        index < words.count ? UInt64(words[index]) : 0
    }

    private static func isLess(_ left: [UInt32], _ right: [UInt32]) -> Bool {
        left.count == right.count
            ? left.reversed().lexicographicallyPrecedes(right.reversed()) : left.count < right.count
    }

    /// Of a larger or equal number and a smaller one.
    private static func difference(_ left: [UInt32], _ right: [UInt32]) -> [UInt32] {
        var (words, borrow) = ([UInt32](), Int64(0))
        for index in left.indices {
            let digit = Int64(left[index]) - Int64(word(right, index)) + borrow
            words.append(UInt32(truncatingIfNeeded: digit))
            borrow = digit < 0 ? -1 : 0
        }
        return words
    }
}

extension Exact {
    /// An amount, counted in billionths.
    init(of amount: Amount) { self.init(amount.units) }

    /// The amount of so many billionths, or `nil` outside the range of amounts.
    var amount: Amount? { number.map(Amount.init(units:)) }

    static let billion = Exact(1_000_000_000)
}
