public import Domain

/// The W3C `traceparent` of an event: its trace is its story, its span the event itself.
public enum TraceParent {
    /// The header's text: `00-<correlation>-<first half of the event id>-01`.
    static func bytes(of envelope: Envelope) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(55)
        text.append(contentsOf: "00-".utf8)
        append(envelope.correlation.high, to: &text)
        append(envelope.correlation.low, to: &text)
        text.append(UInt8(ascii: "-"))
        // An all-zero span is invalid, and a hashed id never begins with eight zero bytes: its version is in there.
        append(envelope.eventID.high == 0 ? 1 : envelope.eventID.high, to: &text)
        text.append(contentsOf: "-01".utf8)
        return text
    }

    /// The story that a caller's header names; `nil` for a header that the standard calls invalid.
    ///
    /// Versions to come may append fields, so what lies behind the flags is looked at only in version 00.
    public static func story(of text: String) -> StoryID? {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].count == 2, parts[1].count == 32, parts[2].count == 16, parts[3].count == 2,
            parts.prefix(4).allSatisfy({ $0.allSatisfy(isLowerCaseDigit) }),
            !parts[0].elementsEqual("ff".utf8), parts.count == 4 || !parts[0].elementsEqual("00".utf8),
            let high = word(parts[1].prefix(16)), let low = word(parts[1].suffix(16)), let span = word(parts[2]),
            high != 0 || low != 0, span != 0
        else { return nil }
        return StoryID(high: high, low: low)
    }

    private static func isLowerCaseDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func word(_ digits: some Sequence<UInt8>) -> UInt64? {
        UInt64(String(decoding: Array(digits), as: UTF8.self), radix: 16)
    }

    /// Sixteen digits.
    private static func append(_ word: UInt64, to text: inout [UInt8]) {
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 0xF
            text.append(digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10))
        }
    }
}
