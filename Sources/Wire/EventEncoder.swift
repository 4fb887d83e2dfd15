public import Domain

/// Writes events as records' bytes.
///
/// It remembers how long events are, so that each needs memory once.
public struct EventEncoder {
    private var expectedBytes = 512

    public init() {}

    /// The event's text.
    ///
    /// The caller keeps to the limits of lists and to the family's needs: what an encoder wrote, a decoder reads.
    public mutating func encode(_ event: Event) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(expectedBytes)
        text = Self.append(event, to: text)
        if text.count > expectedBytes { expectedBytes = text.count + text.count / 4 }
        return text
    }

    /// Appends to what is there, for callers who write many events into one buffer.
    public static func append(_ event: Event, to text: consuming [UInt8]) -> [UInt8] {
        var viewer = EncodingViewer(envelope: event.envelope, encoder: FieldEncoder(appendingTo: text))
        event.content.show(to: &viewer)
        return viewer.encoder.text
    }
}

/// Writes an event around the payload it is shown.
struct EncodingViewer: PayloadViewer {
    typealias Failure = Never

    let envelope: Envelope
    var encoder: FieldEncoder

    mutating func view<Content: Payload>(_ payload: Content) {
        let envelope = envelope
        encoder.object { encoder in
            var frame = EventFrame(
                envelope: envelope, type: .known(Content.type), version: Content.currentVersion)
            frame.walk(&encoder)
            encoder.key(EventFrame.payload)
            encoder.record(payload)
        }
    }
}
