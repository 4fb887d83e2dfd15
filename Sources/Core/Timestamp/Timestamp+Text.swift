/// Moments as RFC 3339 text: any zone is read, UTC is written.
///
/// A leap second (`:60`) is read where one can be, in the last second of a month in UTC, and means the second after
/// it, as in POSIX time. More than nine digits of a second are refused, not cut: two events must not become one
/// moment unseen.
extension Timestamp {
    public enum Field: String, Sendable {
        case month, day, hour, minute, second, zone
    }

    /// Why a text is no moment.
    public enum TextFault: Error, Equatable, Sendable {
        case malformed(at: Int)
        case missingZone
        case outOfRange(Field)
        case misplacedLeapSecond
        case tooPrecise(allowed: Int)
        /// Before 1677 or after 2262: 64 bits of nanoseconds do not reach there.
        case unrepresentable
    }

    /// Digits of a second.
    public static let maximumFractionDigits = 9

    public init(_ text: String) throws(TextFault) { try unsafe self.init(utf8: text.utf8.span.bytes) }

    public init(utf8 text: RawSpan) throws(TextFault) {
        var offset = 0
        let date = try Self.date(in: text, &offset)
        try Self.expect("T", or: "t", in: text, &offset)
        let hour = try Self.number(in: text, &offset, .hour, 0...23)
        try Self.expect(":", or: ":", in: text, &offset)
        let minute = try Self.number(in: text, &offset, .minute, 0...59)
        try Self.expect(":", or: ":", in: text, &offset)
        let second = try Self.number(in: text, &offset, .second, 0...60)
        let fraction = try Self.fraction(in: text, &offset)
        let zone = try Self.zone(in: text, &offset)
        guard offset == text.byteCount else { throw .malformed(at: offset) }
        let seconds = date.days * 86_400 + hour * 3_600 + minute * 60 + second - zone
        if second == 60 {
            let (day, rest) = Self.floor(seconds, by: 86_400)
            guard rest == 0, CivilDate(days: day).day == 1 else { throw .misplacedLeapSecond }
        }
        guard let nanoseconds = Int64(exactly: Int128(seconds) * 1_000_000_000 + Int128(fraction)) else {
            throw .unrepresentable
        }
        self.init(nanoseconds: nanoseconds)
    }

    private static func date(in text: RawSpan, _ offset: inout Int) throws(TextFault) -> CivilDate {
        let century = try digits(in: text, &offset)
        let year = try century * 100 + digits(in: text, &offset)
        try expect("-", or: "-", in: text, &offset)
        let month = try number(in: text, &offset, .month, 1...12)
        try expect("-", or: "-", in: text, &offset)
        let day = try number(in: text, &offset, .day, 1...CivilDate.daysIn(month: month, of: year))
        return CivilDate(year: year, month: month, day: day)
    }

    private static func digits(in text: RawSpan, _ offset: inout Int) throws(TextFault) -> Int64 {
        guard let tens = text.digit(at: offset) else { throw .malformed(at: offset) }
        guard let ones = text.digit(at: offset + 1) else { throw .malformed(at: offset + 1) }
        offset += 2
        return Int64(tens) * 10 + Int64(ones)
    }

    private static func number(
        in text: RawSpan, _ offset: inout Int, _ field: Field, _ range: ClosedRange<Int64>
    ) throws(TextFault) -> Int64 {
        let number = try digits(in: text, &offset)
        guard range.contains(number) else { throw .outOfRange(field) }
        return number
    }

    private static func expect(
        _ mark: Unicode.Scalar, or other: Unicode.Scalar, in text: RawSpan, _ offset: inout Int
    ) throws(TextFault) {
        guard offset < text.byteCount else { throw .malformed(at: offset) }
        let byte = text.byte(at: offset)
        guard byte == UInt8(ascii: mark) || byte == UInt8(ascii: other) else { throw .malformed(at: offset) }
        offset += 1
    }

    /// Nanoseconds after the point, if there is one.
    private static func fraction(in text: RawSpan, _ offset: inout Int) throws(TextFault) -> Int64 {
        guard offset < text.byteCount, text.byte(at: offset) == UInt8(ascii: ".") else { return 0 }
        offset += 1
        let start = offset
        var fraction: Int64 = 0
        while let digit = text.digit(at: offset) {
            guard offset - start < maximumFractionDigits else { throw .tooPrecise(allowed: maximumFractionDigits) }
            fraction = fraction * 10 + Int64(digit)
            offset += 1
        }
        guard offset > start else { throw .malformed(at: offset) }
        for _ in (offset - start)..<maximumFractionDigits { fraction *= 10 }
        return fraction
    }

    /// Seconds that local time is ahead of UTC.
    private static func zone(in text: RawSpan, _ offset: inout Int) throws(TextFault) -> Int64 {
        guard offset < text.byteCount else { throw .missingZone }
        let sign: Int64
        switch text.byte(at: offset) {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            offset += 1
            return 0
        case UInt8(ascii: "+"): sign = 1
        case UInt8(ascii: "-"): sign = -1
        default: throw .malformed(at: offset)
        }
        offset += 1
        let hours = try number(in: text, &offset, .zone, 0...23)
        try expect(":", or: ":", in: text, &offset)
        let minutes = try number(in: text, &offset, .zone, 0...59)
        return sign * (hours * 3_600 + minutes * 60)
    }

    /// Appends the one canonical text: UTC with `Z`, and as many digits of the second as are not zeros at the end.
    public func write(to text: inout [UInt8]) {
        let (seconds, fraction) = Self.floor(nanoseconds, by: 1_000_000_000)
        let (days, second) = Self.floor(seconds, by: 86_400)
        let date = CivilDate(days: days)
        text.append(decimal: UInt64(date.year), width: 4)
        Self.write("-", date.month, to: &text)
        Self.write("-", date.day, to: &text)
        Self.write("T", second / 3_600, to: &text)
        Self.write(":", second / 60 % 60, to: &text)
        Self.write(":", second % 60, to: &text)
        text.append(billionths: UInt64(fraction))
        text.append(UInt8(ascii: "Z"))
    }

    private static func write(_ mark: Unicode.Scalar, _ number: Int64, to text: inout [UInt8]) {
        text.append(UInt8(ascii: mark))
        text.append(decimal: UInt64(number), width: 2)
    }
}

extension Timestamp: CustomStringConvertible {
    public var description: String {
        var text: [UInt8] = []
        write(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

extension Timestamp.TextFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let offset): "not an RFC 3339 time at byte \(offset)"
        case .missingZone: "a time needs its zone: Z, or hours and minutes as in +02:00"
        case .outOfRange(let field): "the \(field.rawValue) does not exist"
        case .misplacedLeapSecond: "second 60 exists only at the end of a month in UTC"
        case .tooPrecise(let allowed): "a second has at most \(allowed) digits after the point"
        case .unrepresentable: "times reach from 1677 to 2262"
        }
    }
}
