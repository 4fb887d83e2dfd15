import Domain
import JSON
import TestSupport
import Testing
import Wire

@Suite struct `A wrong field` {
    /// Every field of every type, with every wrong text for its kind, and left out, and null.
    @Test(arguments: EventType.allCases)
    func `is an error that names type, path and reason, and never a default`(type: EventType) throws {
        var generator = ValueGenerator(seed: 7)
        generator.alwaysPresent = true
        let event = generator.event(type)
        var decoder = EventDecoder()
        let fields = spoil(event, -1, nil).fields
        #expect(fields >= 10)
        for target in 0..<fields {
            guard let spoiled = spoil(event, target, nil).spoiled else {
                Issue.record("the walk has \(fields) fields and no number \(target)")
                continue
            }
            // An unknown type or version is no error.
            guard spoiled.path != "$.event_type", spoiled.path != "$.version" else { continue }
            for wrong in spoiled.wrongTexts { refuses(event, target, wrong, spoiled, &decoder) }
            if spoiled.isRequired {
                refuses(event, target, nil, spoiled, &decoder)
                refuses(event, target, "null", spoiled, &decoder)
            } else if !isNeeded(spoiled.path, by: type) {
                let absent = try decoder.decode(Array(spoil(event, target, nil).text.utf8))
                let null = try decoder.decode(Array(spoil(event, target, "null").text.utf8))
                #expect(absent == null, "\(spoiled.path)")
            }
        }
    }

    @Test(arguments: EventType.allCases)
    func `is an error when its key stands there twice`(type: EventType) throws {
        var generator = ValueGenerator(seed: 11)
        let event = generator.event(type)
        var encoder = EventEncoder()
        let text = String(decoding: encoder.encode(event), as: UTF8.self)
        var decoder = EventDecoder()
        let outer = #"{"seq":5,"# + text.dropFirst()
        #expect(throws: WireError.self) { try decoder.decode(Array(outer.utf8)) }
        let behind = text.dropLast() + #","event_id":"01234567-89ab-8def-8123-456789abcdef"}"#
        let error = #expect(throws: WireError.self) { try decoder.decode(Array(behind.utf8)) }
        #expect(error == WireError(eventType: type.name, path: "$", reason: .duplicateKey("event_id")))
    }

    private func isNeeded(_ path: String, by type: EventType) -> Bool {
        path == "$.account_label" && type.family.needsAccount || path == "$.symbol" && type.family.needsSymbol
    }

    private func refuses(
        _ event: Event, _ target: Int, _ wrong: String?, _ spoiled: SpoilingEncoder.Field,
        _ decoder: inout EventDecoder
    ) {
        let text = spoil(event, target, wrong).text
        do {
            let decoded = try decoder.decode(Array(text.utf8))
            Issue.record("\(spoiled.path) = \(wrong?.prefix(60) ?? "absent") was read as \(decoded)")
        } catch {
            // A list's elements and an object's fields have longer paths; nothing else may be named.
            #expect(error.path.hasPrefix(spoiled.path), "\(spoiled.path) = \(wrong?.prefix(60) ?? "absent"): \(error)")
            #expect(error.eventType == event.content.type.name)
            #expect(!error.reason.description.isEmpty)
        }
    }

    private func spoil(_ event: Event, _ target: Int, _ wrong: String?) -> SpoilingEncoder {
        var viewer = SpoilingViewer(envelope: event.envelope, encoder: SpoilingEncoder(target: target, wrong: wrong))
        event.content.show(to: &viewer)
        return viewer.encoder
    }
}

private struct SpoilingViewer: PayloadViewer {
    typealias Failure = Never

    let envelope: Envelope
    var encoder: SpoilingEncoder

    mutating func view<Content: Payload>(_ payload: Content) {
        let envelope = envelope
        encoder.object { encoder in
            var frame = EventFrame(envelope: envelope, type: .known(Content.type), version: Content.currentVersion)
            frame.walk(&encoder)
            var payload = payload
            encoder.field(EventFrame.payload, &payload, "What happened.")
        }
    }
}
