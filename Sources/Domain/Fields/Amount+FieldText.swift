public import Core

extension Amount: FieldText {
    public static var form: TextForm { .decimal }
    @inlinable public static var isPlain: Bool { true }
    @inlinable public init(unread: Unread) { self = .zero }

    @inlinable
    public static func read(_ text: RawSpan) throws(FieldFault) -> Amount {
        guard let amount = short(text) else { return try unusual(text) }
        return amount
    }

    /// Everyday amounts: at most eighteen bytes, so that one machine word holds every step.
    ///
    /// `nil` says nothing about the text: `Core` reads the others, and finds the faults.
    @inlinable
    static func short(_ text: RawSpan) -> Amount? {
        let count = text.byteCount
        guard count > 0, count <= 18 else { return nil }
        let isNegative = text.byte(at: 0) == UInt8(ascii: "-")
        var offset = isNegative ? 1 : 0
        let start = offset
        var digits: Int64 = 0
        while offset < count {
            let digit = text.byte(at: offset) &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            digits = digits &* 10 &+ Int64(digit)
            offset += 1
        }
        guard offset > start else { return nil }
        var units = Int128(digits) &* 1_000_000_000
        if offset < count {
            guard text.byte(at: offset) == UInt8(ascii: "."), count - offset - 1 <= scale, count - offset > 1 else {
                return nil
            }
            var fraction: Int64 = 0
            var unit: Int64 = 1_000_000_000
            offset += 1
            while offset < count {
                let digit = text.byte(at: offset) &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                fraction = fraction &* 10 &+ Int64(digit)
                unit /= 10
                offset += 1
            }
            units &+= Int128(fraction &* unit)
        }
        return Amount(units: isNegative ? 0 &- units : units)
    }

    @usableFromInline
    static func unusual(_ text: RawSpan) throws(FieldFault) -> Amount {
        do { return try Amount(utf8: text) } catch { throw FieldFault(error.description) }
    }

    @inlinable
    public func append(to text: inout [UInt8]) {
        guard let units = Int64(exactly: units), units > .min else {
            write(to: &text)
            return
        }
        let (whole, fraction) = units.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        // Twenty bytes hold every digit of a word, its sign and its point.
        text.append(addingCapacity: 24) { output in
            if units < 0 { output.append(UInt8(ascii: "-")) }
            output.append(decimal: whole)
            if fraction > 0 { output.append(billionths: fraction) }
        }
    }
}
