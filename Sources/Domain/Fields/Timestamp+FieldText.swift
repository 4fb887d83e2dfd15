public import Core

extension Timestamp: FieldText {
    public static var form: TextForm { .time }
    @inlinable public static var isPlain: Bool { true }
    @inlinable public init(unread: Unread) { self = .epoch }

    @inlinable
    public static func read(_ text: RawSpan) throws(FieldFault) -> Timestamp {
        guard let moment = canonical(text) else { return try unusual(text) }
        return moment
    }

    /// Moments as we write them, in UTC and this side of 1970, but for a few days at the end of months.
    ///
    /// `nil` says nothing about the text: `Core` reads the others, and finds the faults.
    @inlinable
    static func canonical(_ text: RawSpan) -> Timestamp? {
        let count = text.byteCount
        guard count >= 20, count <= 30, text.byte(at: count - 1) == UInt8(ascii: "Z") else { return nil }
        // Safe: the loads check their bounds. Digits become their values, and marks zero.
        let date = unsafe text.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self) ^ 0x2D30_302D_3030_3030
        let time = unsafe text.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ 0x3030_3A30_3054_3030
        let secondText = unsafe UInt64(text.unsafeLoadUnaligned(fromByteOffset: 15, as: UInt32.self))
        let tail = secondText & 0xFFFF_FF00 ^ 0x3030_3A00
        let marks = date & 0xFF00_00FF_0000_0000 | time & 0x0000_FF00_00FF_0000 | tail & 0xFF00
        // Nine and 0x76 stay below 0x80; a larger byte passes it, or is above it already.
        let sevens: UInt64 = 0x7676_7676_7676_7676
        let sums = (date &+ sevens) | (time &+ sevens) | (tail &+ sevens)
        let tooLarge = (date | time | tail | sums) & 0x8080_8080_8080_8080
        guard marks == 0, tooLarge == 0, let fraction = fraction(text, count) else { return nil }
        let year = pair(date, 0) &* 100 &+ pair(date, 16)
        let month = pair(date, 40)
        let day = pair(time, 0)
        let hour = pair(time, 24)
        let minute = pair(time, 48)
        let second = pair(tail, 16)
        guard year >= 1970, year < 2262, month >= 1, month <= 12, day >= 1, day <= (month == 2 ? 28 : 30), hour < 24,
            minute < 60, second < 60
        else { return nil }
        let seconds = days(year, month, day) &* 86_400 &+ hour &* 3_600 &+ minute &* 60 &+ second
        return Timestamp(nanoseconds: seconds &* 1_000_000_000 &+ fraction)
    }

    /// Two digits whose values stand in the bytes from this bit on.
    @inlinable @inline(__always)
    static func pair(_ word: UInt64, _ bit: UInt64) -> Int64 {
        Int64((word >> bit) & 0xFF) &* 10 &+ Int64((word >> (bit &+ 8)) & 0xFF)
    }

    /// The nanoseconds between the point and the `Z`.
    @inlinable @inline(__always)
    static func fraction(_ text: RawSpan, _ count: Int) -> Int64? {
        if count == 20 { return 0 }
        guard text.byte(at: 19) == UInt8(ascii: "."), count > 21 else { return nil }
        let digits = count - 21
        // The eight bytes that end before the `Z`; what stands before the fraction is shifted out, and zeros come in.
        // Safe: the load checks its bounds.
        let tail = unsafe text.unsafeLoadUnaligned(fromByteOffset: count - 9, as: UInt64.self) ^ 0x3030_3030_3030_3030
        guard digits < 8 else {
            guard let eight = number(tail) else { return nil }
            if digits == 8 { return eight &* 10 }
            let first = text.byte(at: 20) &- UInt8(ascii: "0")
            return first < 10 ? Int64(first) &* 100_000_000 &+ eight : nil
        }
        return number(tail >> UInt64(64 &- 8 &* digits)).map { $0 &* 10 }
    }

    /// The number of eight digits whose values stand in the bytes, the first in the lowest; `nil` when one is none.
    @inlinable @inline(__always)
    static func number(_ digits: UInt64) -> Int64? {
        guard (digits | (digits &+ 0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 == 0 else { return nil }
        let pairs = (digits &* 10 &+ digits >> 8) & 0x00FF_00FF_00FF_00FF
        let quads = (pairs &* 100 &+ pairs >> 16) & 0x0000_FFFF_0000_FFFF
        return Int64(truncatingIfNeeded: (quads &* 10_000 &+ quads >> 32) & 0xFFFF_FFFF)
    }

    /// Days since 1970 of a day after it, with years counted from March (Howard Hinnant's `days_from_civil`).
    @inlinable
    static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
    }

    @usableFromInline
    static func unusual(_ text: RawSpan) throws(FieldFault) -> Timestamp {
        do { return try Timestamp(utf8: text) } catch { throw FieldFault(error.description) }
    }

    @inlinable
    public func append(to text: inout [UInt8]) {
        guard nanoseconds >= 0 else {
            write(to: &text)
            return
        }
        let (seconds, fraction) = UInt64(nanoseconds).quotientAndRemainder(dividingBy: 1_000_000_000)
        let second = UInt32(truncatingIfNeeded: seconds % 86_400)
        // The inverse of `days`, in 32 bits.
        let shifted = UInt32(truncatingIfNeeded: seconds / 86_400) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        text.append(addingCapacity: 30) { output in
            output.append(pair: year / 100)
            output.append(pair: year % 100)
            output.append(UInt8(ascii: "-"))
            output.append(pair: month)
            output.append(UInt8(ascii: "-"))
            output.append(pair: dayOfYear - (153 * marchMonth + 2) / 5 + 1)
            output.append(UInt8(ascii: "T"))
            output.append(pair: second / 3_600)
            output.append(UInt8(ascii: ":"))
            output.append(pair: second / 60 % 60)
            output.append(UInt8(ascii: ":"))
            output.append(pair: second % 60)
            if fraction > 0 { output.append(billionths: fraction) }
            output.append(UInt8(ascii: "Z"))
        }
    }
}
