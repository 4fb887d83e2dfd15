/// Where in which trace something happens: what W3C's header `traceparent` carries.
///
/// Traces and spans on our log follow from ids that lie there anyway, so that every process, and every replay, comes to
/// the same ones.
public struct TraceContext: Sendable, Hashable {
    public struct Trace: Sendable, Hashable {
        public let high: UInt64
        public let low: UInt64

        /// All zeros are no trace; they become the smallest that is one.
        public init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = high == 0 && low == 0 ? 1 : low
        }

        /// Thirty-two digits.
        public var text: String { TraceContext.digits(high) + TraceContext.digits(low) }
    }

    public struct Span: Sendable, Hashable {
        public let number: UInt64

        /// All zeros are no span; they become the smallest that is one.
        public init(_ number: UInt64) { self.number = number == 0 ? 1 : number }

        /// Sixteen digits.
        public var text: String { TraceContext.digits(number) }
    }

    public let trace: Trace
    public let span: Span

    public init(_ trace: Trace, _ span: Span) {
        self.trace = trace
        self.span = span
    }

    /// What a caller's header says; `nil` for one that the standard calls invalid.
    ///
    /// Versions to come may append fields, so what lies behind the flags is looked at only in version 00.
    public init?(traceparent text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].count == 2, parts[1].count == 32, parts[2].count == 16, parts[3].count == 2,
            parts.prefix(4).allSatisfy({ $0.allSatisfy(Self.isLowerCaseDigit) }),
            !parts[0].elementsEqual("ff".utf8), parts.count == 4 || !parts[0].elementsEqual("00".utf8),
            let high = Self.word(parts[1].prefix(16)), let low = Self.word(parts[1].suffix(16)),
            let span = Self.word(parts[2]), high != 0 || low != 0, span != 0
        else { return nil }
        self.init(Trace(high: high, low: low), Span(span))
    }

    /// The header's text; what we make is always recorded, so its flag says so.
    public var traceparent: String { "00-\(trace.text)-\(span.text)-01" }

    private static func isLowerCaseDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func word(_ digits: some Sequence<UInt8>) -> UInt64? {
        UInt64(String(decoding: Array(digits), as: UTF8.self), radix: 16)
    }

    private static func digits(_ word: UInt64) -> String {
        let text = String(word, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}
