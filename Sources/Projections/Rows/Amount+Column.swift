public import Core

/// Amounts lie in a `numeric` without a scale, with as many decimals as they need: `1` stays `1`.
extension Amount: ColumnValue {
    public static var columnType: ColumnType { .numeric }

    /// Postgres' binary numeric: digits of base 10,000 around the decimal point, without zeros at either end.
    public func writeField(to row: inout RowBytes) {
        guard !isZero else {
            row.appendBig(8 as Int32)
            row.appendBig(0 as Int64)
            return
        }
        // Nine decimals are two and a quarter groups of four: a factor of 1,000 makes them three.
        var groups = InlineArray<12, UInt16>(repeating: 0)  // Eight of the whole part, three of the fraction.
        var count = 3
        var rest: UInt64
        let fraction: UInt64
        if let small = UInt64(exactly: units.magnitude) {
            (rest, fraction) = (small / 1_000_000_000, small % 1_000_000_000 * 1_000)
        } else {
            let (whole, decimals) = units.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
            fraction = UInt64(decimals) * 1_000
            // More than one word holds: groups are taken off until the rest fits.
            var large = whole
            while large > UInt128(UInt64.max) {
                groups[count] = UInt16(large % 10_000)
                large /= 10_000
                count += 1
            }
            rest = UInt64(large)
        }
        groups[0] = UInt16(fraction % 10_000)
        groups[1] = UInt16(fraction / 10_000 % 10_000)
        groups[2] = UInt16(fraction / 100_000_000)
        while rest > 0 {
            groups[count] = UInt16(rest % 10_000)
            rest /= 10_000
            count += 1
        }
        while groups[count - 1] == 0 { count -= 1 }
        var first = 0
        while groups[first] == 0 { first += 1 }
        let digits = count - first
        row.appendBig(Int32(8 + 2 * digits))
        row.appendBig(Int16(digits))
        row.appendBig(Int16(count - 4))  // The weight of the first group: three lie behind the point.
        row.appendBig(isNegative ? 0x4000 : 0 as UInt16)
        row.appendBig(Int16(Self.decimals(fraction)))
        var index = count
        while index > first {
            index -= 1
            row.appendBig(groups[index])
        }
    }

    /// How many of twelve decimals are needed.
    private static func decimals(_ fraction: UInt64) -> Int {
        guard fraction > 0 else { return 0 }
        var (rest, count) = (fraction, 12)
        while rest % 10 == 0 {
            rest /= 10
            count -= 1
        }
        return count
    }

    public static func readField(_ field: RawSpan?) throws(RowFault) -> Amount {
        guard let field, field.byteCount >= 8 else { throw .size(field, wanted: "a number") }
        func group(_ index: Int) throws(RowFault) -> Int16 {
            try field.extracting(index * 2..<index * 2 + 2).bigEndian(Int16.self)
        }
        let (digits, weight, sign) = (Int(try group(0)), Int(try group(1)), try group(2))
        guard sign == 0 || sign == 0x4000, digits >= 0, field.byteCount == 8 + 2 * digits, weight < 9, weight >= -3,
            weight - digits >= -4
        else { throw RowFault("a number is not an amount: too large, too fine, or not a number at all") }
        // Counted downwards: there is one more negative amount than positive ones.
        var value: Int128 = 0
        var overflows = false
        for index in 0..<weight + 4 {
            let digit = index < digits ? Int128(try group(4 + index)) : 0
            // Of the last group only its first digit is a decimal of an amount.
            let isLast = index == weight + 3
            guard !isLast || digit % 1_000 == 0 else { throw RowFault("a number is finer than an amount") }
            let (scaled, tooLarge) = value.multipliedReportingOverflow(by: isLast ? 10 : 10_000)
            let (added, tooMuch) = scaled.subtractingReportingOverflow(isLast ? digit / 1_000 : digit)
            (value, overflows) = (added, overflows || tooLarge || tooMuch)
        }
        guard !overflows, sign != 0 || value > .min else { throw RowFault("a number is larger than an amount") }
        return Amount(units: sign == 0 ? -value : value)
    }
}
