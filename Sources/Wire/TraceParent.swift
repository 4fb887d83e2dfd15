public import Core
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
    public static func story(of text: String) -> StoryID? {
        TraceContext(traceparent: text).map { StoryID(high: $0.trace.high, low: $0.trace.low) }
    }

    /// Where an event stands in its trace, as its header says.
    public static func context(of envelope: Envelope) -> TraceContext {
        TraceContext(trace(of: envelope.correlation), span(of: envelope.eventID))
    }

    public static func trace(of story: StoryID) -> TraceContext.Trace {
        TraceContext.Trace(high: story.high, low: story.low)
    }

    public static func span(of event: EventID) -> TraceContext.Span { TraceContext.Span(event.high) }

    /// Sixteen digits.
    private static func append(_ word: UInt64, to text: inout [UInt8]) {
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 0xF
            text.append(digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10))
        }
    }
}
