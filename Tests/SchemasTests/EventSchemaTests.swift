import Domain
import Foundation
import JSON
import Schemas
import TestSupport
import Testing
import Wire

@Suite struct `The schemas of the house` {
    @Test func `there is one for each type of event and each version`() {
        #expect(EventSchema.all.count >= EventType.allCases.count)
        #expect(Set(EventSchema.all.map(\.fileName)).count == EventSchema.all.count)
        for type in EventType.allCases { #expect(!EventSchema.of(type).isEmpty) }
    }

    /// Its own example is the first thing a reader tries.
    @Test(arguments: EventSchema.all.map(\.name))
    func `each has an example that we read`(name: String) throws {
        let schema = try #require(EventSchema.all.first { $0.name == name })
        let example = try #require(schema.document["examples"]?.elements?.first)
        var decoder = EventDecoder()
        guard case .event(let event) = try decoder.decode(example.compactText) else {
            Issue.record("the example of \(schema.name) is no event")
            return
        }
        #expect(event.content.type == schema.type)
    }

    @Test func `each field says what it means`() throws {
        func look(_ document: JSONTree, _ path: String) {
            for field in document["properties"]?.members ?? [] {
                #expect((field.value["description"]?.text?.count ?? 0) > 3, "\(path).\(field.name)")
                look(field.value, "\(path).\(field.name)")
                if let items = field.value["items"] { look(items, "\(path).\(field.name)[]") }
            }
        }
        for schema in EventSchema.all { look(schema.document, schema.name) }
    }
}
