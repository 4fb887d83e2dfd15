import Domain
import TestSupport
import Testing
import Wire

@Suite struct `Every type of event` {
    @Test(arguments: EventType.allCases)
    func `comes back as it went, whatever it holds`(type: EventType) throws {
        var decoder = EventDecoder()
        var encoder = EventEncoder()
        for seed in 0..<200 as Range<UInt64> {
            var generator = ValueGenerator(seed: seed)
            let event = generator.event(type)
            let text = encoder.encode(event)
            let decoded = try decoder.decode(text)
            #expect(decoded == .event(event), "seed \(seed): \(String(decoding: text, as: UTF8.self))")
            #expect(event.content.type == type)
        }
    }
}
