public import Domain

extension EventEncoder {
    /// The payload alone, as it stands in the event: for those who keep it whole.
    public static func payload(of event: Event) -> CompactJSON {
        var viewer = PayloadEncodingViewer()
        event.content.show(to: &viewer)
        return CompactJSON(trusted: viewer.encoder.text)
    }

    /// A record alone, as it stands in a payload.
    public static func text(of record: some FieldRecord) -> CompactJSON {
        var encoder = FieldEncoder(appendingTo: [])
        encoder.record(record)
        return CompactJSON(trusted: encoder.text)
    }

    /// Texts as an array.
    public static func text(of values: [some FieldText]) -> CompactJSON {
        var encoder = FieldEncoder(appendingTo: [])
        encoder.texts(values)
        return CompactJSON(trusted: encoder.text)
    }
}

private struct PayloadEncodingViewer: PayloadViewer {
    typealias Failure = Never

    var encoder = FieldEncoder(appendingTo: [])

    mutating func view<Content: Payload>(_ payload: Content) { encoder.record(payload) }
}
