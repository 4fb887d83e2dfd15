import Domain
import Testing

@Suite struct `The catalog of events` {
    @Test func `gives every family one topic of the topic catalog, and no topic to two`() {
        let topics = EventFamily.allCases.map(\.topic.name)
        #expect(Set(topics).count == topics.count)
        for family in EventFamily.allCases { #expect(TopicCatalog.topic(named: family.topic.name) == family.topic) }
    }

    @Test func `gives every type one name, which finds it again`() {
        let types = EventType.allCases
        #expect(types.count == 63)
        #expect(Set(types.map(\.name)).count == types.count)
        for type in types {
            #expect(EventType.named(type.name) == type)
            #expect(EventType.named(type.name + "x") == nil)
            #expect(EventType.named(String(type.name.dropLast())) == nil)
            #expect(type.family.types.contains(type))
            // Names are parts of file names, metric labels and topics' documents.
            #expect(type.name.allSatisfy { $0.isLowercase && $0.isASCII || $0 == "." || $0 == "_" })
        }
        #expect(EventType.named("") == nil)
    }

    @Test func `asks for a symbol where the topic is keyed by it`() {
        for family in EventFamily.allCases {
            #expect(!(family.topic.key == .symbol) || family.needsSymbol, "\(family)")
            #expect(!(family.topic.key == .accountLabel) || family.needsAccount, "\(family)")
            // Part of every identity that belongs to an account.
            #expect(!family.needsSymbol || family.needsAccount, "\(family)")
        }
    }
}
