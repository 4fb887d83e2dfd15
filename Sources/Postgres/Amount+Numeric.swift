public import Core

/// Postgres's `numeric`: digits of base 10,000 with a weight, a sign, and how many decimals to show.
///
/// As many decimals are shown as there are, so that a column without a scale prints `1` and `0.5`, as we do.
extension FieldWriting {
    public mutating func append(_ amount: Amount) {
        willAppend(isNull: false)
        let magnitude = amount.units.magnitude
        var whole = magnitude / UInt128(Amount.unitsPerOne)
        let fraction = UInt64(truncatingIfNeeded: magnitude % UInt128(Amount.unitsPerOne))
        // Nine decimals are two digits and a quarter: three more decimals make them three.
        let decimals = fraction * 1000
        // Eight digits before the point, from the left; three after it.
        var digits: InlineArray<11, Int16> = InlineArray(repeating: 0)
        for place in 0..<8 {
            digits[7 - place] = Int16(truncatingIfNeeded: whole % 10_000)
            whole /= 10_000
        }
        digits[8] = Int16(decimals / 100_000_000)
        digits[9] = Int16(decimals / 10_000 % 10_000)
        digits[10] = Int16(decimals % 10_000)
        var (first, end) = (0, 11)
        while first < end, digits[first] == 0 { first += 1 }
        while end > first, digits[end - 1] == 0 { end -= 1 }
        fields.write(Int32(8 + 2 * (end - first)))
        fields.write(Int16(end - first))
        fields.write(Int16(first == end ? 0 : 7 - first))
        fields.write(Int16(amount.isNegative ? 0x4000 : 0))
        fields.write(Self.shownDecimals(fraction))
        for place in first..<end { fields.write(digits[place]) }
    }

    private static func shownDecimals(_ fraction: UInt64) -> Int16 {
        guard fraction > 0 else { return 0 }
        var (rest, shown) = (fraction, Int16(Amount.scale))
        while rest % 10 == 0 {
            rest /= 10
            shown -= 1
        }
        return shown
    }
}

extension RawSpan {
    /// A `numeric` as an amount; `nil` when it is none: not a number, infinite, too large, or of more than nine decimals.
    public func numericAmount() -> Amount? {
        guard byteCount >= 8 else { return nil }
        let count = Int(bigEndian(at: 0, as: Int16.self))
        let weight = Int(bigEndian(at: 2, as: Int16.self))
        let sign = bigEndian(at: 4, as: UInt16.self)
        guard sign == 0 || sign == 0x4000, byteCount == 8 + 2 * count else { return nil }
        var units: Int128 = 0
        for index in 0..<count {
            let digit = Int128(bigEndian(at: 8 + 2 * index, as: Int16.self))
            guard let value = Self.units(of: digit, at: weight - index) else { return nil }
            let (sum, overflow) = units.addingReportingOverflow(sign == 0 ? value : -value)
            guard !overflow else { return nil }
            units = sum
        }
        return Amount(units: units)
    }

    /// What a digit of this weight is worth in billionths.
    private static func units(of digit: Int128, at weight: Int) -> Int128? {
        if digit == 0 { return 0 }
        switch weight {
        case -3: return digit % 1000 == 0 ? digit / 1000 : nil
        case -2: return digit * 10
        case -1: return digit * 100_000
        case 0...7:
            var value = digit * Amount.unitsPerOne
            for _ in 0..<weight {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10_000)
                guard !overflow else { return nil }
                value = product
            }
            return value
        default: return nil
        }
    }
}

extension Rows {
    /// A `numeric`; `nil` is null, or a number that is no amount.
    public func amount(_ row: Int, _ column: Int) -> Amount? {
        guard let span = bytes(row, column) else { return nil }
        return span.numericAmount()
    }

    /// A `timestamptz`; `nil` is null, or a moment that we cannot count.
    public func timestamp(_ row: Int, _ column: Int) -> Timestamp? {
        integer(row, column).flatMap(Timestamp.init(postgresMicroseconds:))
    }
}
