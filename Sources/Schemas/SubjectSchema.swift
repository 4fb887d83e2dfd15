public import Domain

/// What a registry holds for a topic: one schema whose values are any of the topic's events.
public struct SubjectSchema: Sendable {
    public let subject: String
    public let document: JSONTree

    /// Topics that carry no events of ours have none.
    public static let all: [SubjectSchema] = TopicCatalog.all.compactMap(SubjectSchema.init)

    public init?(_ topic: CatalogTopic) {
        let schemas = EventSchema.of(topic)
        guard !schemas.isEmpty else { return nil }
        subject = topic.name + "-value"
        document = .object([
            .init("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            .init("$id", .string("urn:torghut:topic:\(topic.name)")),
            .init("title", .string(topic.name)),
            .init("oneOf", .array(schemas.map { Self.part($0.document) })),
        ])
    }

    /// The dialect is said once, at the top.
    private static func part(_ document: JSONTree) -> JSONTree {
        var document = document
        document["$schema"] = nil
        return document
    }
}
