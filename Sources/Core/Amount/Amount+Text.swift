/// Amounts as decimal text: many spellings are read, one is written.
extension Amount {
    /// Longest text that is looked at; the widest amount has 40 characters, the rest is room for zeros.
    public static let maximumTextBytes = 128

    /// Why a text is no amount.
    ///
    /// It carries no more of the text than one byte: amounts may be private.
    public enum TextFault: Error, Equatable, Sendable {
        case empty
        case tooLong(allowed: Int, actual: Int)
        case exponent(at: Int)
        case notANumber
        case infinite
        case missingDigits(at: Int)
        case unexpectedByte(UInt8, at: Int)
        /// More digits after the point than an amount keeps, and not just zeros.
        case tooPrecise(allowed: Int, actual: Int)
        case overflow
    }

    public init(_ text: String) throws(TextFault) { try unsafe self.init(utf8: text.utf8.span.bytes) }

    /// Reads an optional sign, digits, and optionally a point and digits; nothing else, and nothing around it.
    public init(utf8 text: RawSpan) throws(TextFault) {
        guard text.byteCount > 0 else { throw .empty }
        guard text.byteCount <= Self.maximumTextBytes else {
            throw .tooLong(allowed: Self.maximumTextBytes, actual: text.byteCount)
        }
        let first = text.byte(at: 0)
        let negative = first == UInt8(ascii: "-")
        let start = negative || first == UInt8(ascii: "+") ? 1 : 0
        var number = Magnitude()
        var offset = start
        while let digit = text.digit(at: offset) {
            number.append(digit)
            offset += 1
        }
        guard offset > start else { throw Self.fault(of: text, at: start) }
        var kept = 0
        if offset < text.byteCount, text.byte(at: offset) == UInt8(ascii: ".") {
            let point = offset
            offset += 1
            while let digit = text.digit(at: offset) {
                offset += 1
                if digit != 0 { kept = offset - point - 1 }
                if offset - point - 1 <= Self.scale { number.append(digit) }
            }
            guard offset > point + 1 else { throw .missingDigits(at: offset) }
            for _ in min(offset - point - 1, Self.scale)..<Self.scale { number.append(0) }
        } else {
            for _ in 0..<Self.scale { number.append(0) }
        }
        guard offset == text.byteCount else { throw Self.fault(of: text, at: offset) }
        guard kept <= Self.scale else { throw .tooPrecise(allowed: Self.scale, actual: kept) }
        guard let magnitude = number.value, let units = Self.signed(magnitude, negative: negative) else {
            throw .overflow
        }
        self.init(units: units)
    }

    /// Names what stands where a digit should.
    private static func fault(of text: RawSpan, at offset: Int) -> TextFault {
        guard offset < text.byteCount else { return .missingDigits(at: offset) }
        let word = (offset..<text.byteCount).map { text.byte(at: $0) | 0x20 }  // Lower case, where it is a letter.
        if offset == 0 || text.digit(at: offset - 1) == nil {
            if word.starts(with: "nan".utf8) || word.starts(with: "snan".utf8) { return .notANumber }
            if word.starts(with: "inf".utf8) { return .infinite }
            if word[0] == UInt8(ascii: ".") { return .missingDigits(at: offset) }
        } else if word[0] == UInt8(ascii: "e") {
            return .exponent(at: offset)
        }
        return .unexpectedByte(text.byte(at: offset), at: offset)
    }

    /// Appends the one canonical text: no plus, no zeros in front or behind, no point without digits, no `-0`.
    public func write(to text: inout [UInt8]) {
        if isNegative { text.append(UInt8(ascii: "-")) }
        let (whole, fraction) = units.magnitude.quotientAndRemainder(dividingBy: Self.unitsPerOne.magnitude)
        let (high, low) = whole.quotientAndRemainder(dividingBy: 1_000_000_000_000_000_000)
        if high > 0 {
            text.append(decimal: UInt64(high))
            text.append(decimal: UInt64(low), width: 18)
        } else {
            text.append(decimal: UInt64(low))
        }
        text.append(billionths: UInt64(fraction))
    }
}

/// Digits so far: the first eighteen are counted in one machine word, because nearly all texts have no more.
private struct Magnitude {
    private var word: UInt64 = 0
    private var wide: UInt128?
    private var digits = 0
    private var overflowed = false

    mutating func append(_ digit: UInt8) {
        if digits == 0, digit == 0 { return }
        digits += 1
        guard digits > 18 else {
            word = word &* 10 &+ UInt64(digit)
            return
        }
        let (tens, first) = (wide ?? UInt128(word)).multipliedReportingOverflow(by: 10)
        let (sum, second) = tens.addingReportingOverflow(UInt128(digit))
        wide = sum
        overflowed = overflowed || first || second
    }

    var value: UInt128? { overflowed ? nil : wide ?? UInt128(word) }
}

extension Amount: CustomStringConvertible {
    public var description: String {
        var text: [UInt8] = []
        write(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

extension Amount.TextFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "an amount needs at least one digit"
        case .tooLong(let allowed, let actual): "an amount has at most \(allowed) bytes, and this has \(actual)"
        case .exponent(let offset): "amounts are written without exponents (byte \(offset))"
        case .notANumber: "NaN is not an amount"
        case .infinite: "infinity is not an amount"
        case .missingDigits(let offset): "a digit is missing at byte \(offset)"
        case .unexpectedByte(let byte, let offset): "byte \(byte) at \(offset) does not belong into an amount"
        case .tooPrecise(let allowed, let actual): "\(actual) digits after the point, and an amount keeps \(allowed)"
        case .overflow: "the number is outside the range of an amount"
        }
    }
}
