public import Domain

/// The W3C `traceparent` of an event: its trace is its story, its span the event itself.
public enum TraceParent {
    /// The header's text: `00-<correlation>-<first half of the event id>-01`.
    public static func text(of envelope: Envelope) -> String {
        let story = hex(envelope.correlation.high) + hex(envelope.correlation.low)
        // An all-zero span is invalid, and a hashed id never begins with eight zero bytes: its version is in there.
        return "00-\(story)-\(hex(envelope.eventID.high | (envelope.eventID.high == 0 ? 1 : 0)))-01"
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

    private static func hex(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
