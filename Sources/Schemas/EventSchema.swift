public import Domain

/// The contract with the outside for one type of event and one version: the whole event, envelope and payload.
public struct EventSchema: Sendable {
    public let type: EventType
    public let version: Int64
    public let document: JSONTree

    /// The type and the version, as in `decision.recorded.v1`.
    public var name: String { "\(type.name).v\(version)" }
    public var fileName: String { name + Self.fileEnding }
    public static let fileEnding = ".schema.json"

    /// Every schema of the house, in the order of the types; the current version of a type before its older ones.
    public static let all: [EventSchema] = EventType.allCases.flatMap(of(_:))

    public static func of(_ type: EventType) -> [EventSchema] {
        var shapes = PayloadShapes()
        _ = DomainEvent.read(type, from: &shapes)
        return shapes.shapes.map { EventSchema(type, version: $0.version, payload: $0.fields) }
    }

    public static func of(_ topic: CatalogTopic) -> [EventSchema] { all.filter { $0.type.family.topic == topic } }

    init(_ type: EventType, version: Int64, payload: [FieldSchema]) {
        self.type = type
        self.version = version
        var fields = SchemaBuilder.fields(of: EventFrame.self)
        for index in fields.indices { Self.fit(&fields[index], to: type, version) }
        fields.append(
            FieldSchema(
                EventFrame.payload, .record(payload), isRequired: true, "What happened, and all that is known of it."))
        let topic = type.family.topic
        document = .object(
            [
                .init("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
                .init("$id", .string("urn:torghut:schema:\(type.name):v\(version)")),
                .init("title", .string("\(type.name), version \(version)")),
                .init(
                    "description",
                    .string(
                        "An event of \(topic.name), whose records are keyed by \(topic.key.rawValue). Readers ignore "
                            + "fields they do not know.")),
                .init("type", .string("object")),
            ] + FieldShape.members(of: fields) + [
                .init("examples", .array([FieldShape.record(fields).example(nil)]))
            ])
    }

    /// What holds for every event is narrower for one type.
    private static func fit(_ field: inout FieldSchema, to type: EventType, _ version: Int64) {
        switch field.name {
        case "event_type": field.constant = .string(type.name)
        case "version": field.constant = .integer(version)
        case "account_label": if type.family.needsAccount { field.isRequired = true }
        case "symbol": if type.family.needsSymbol { field.isRequired = true }
        default: return
        }
    }
}
