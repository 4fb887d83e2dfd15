import Core
import Domain
import Schemas

/// What schemas there are, and what rule each lives under.
enum SchemasList {
    static let command = Command("schemas list", "list the schemas of the events this program knows") { invocation in
        var listing = Listing("type", "version", "topic", "key", "compatibility", "file")
        for schema in EventSchema.all {
            let family = schema.type.family
            listing.add(
                .text(schema.type.name), .number(schema.version), .text(family.topic.name),
                .text(family.topic.key.rawValue), .text(Compatibility.of(family).rawValue), .text(schema.fileName))
        }
        try listing.print(json: invocation.json)
        return .ok
    }
}

/// One schema, as it lies in its file.
enum SchemasShow {
    static let command = Command(
        "schemas show", "print the schema of a type of event",
        options: [.valued("version", "N", "that version instead of the current one")],
        operand: Operand(name: "TYPE", summary: "an event type, as in 'schemas list'")
    ) { invocation in
        let name = try invocation.requiredOperand()
        guard let type = EventType.named(name) else {
            let nearest = NearestWord.to(name, among: EventType.allCases.map(\.name)).map { "; did you mean \($0)?" }
            throw UsageError("there is no event type '\(name)'\(nearest ?? "; see torghut schemas list")")
        }
        let version = try invocation.integer("version", atLeast: 1)
        let schemas = EventSchema.of(type)
        guard let schema = schemas.first(where: { version == nil || $0.version == version }) else {
            throw UsageError("\(name) has the versions \(schemas.map { String($0.version) }.joined(separator: ", "))")
        }
        let document = schema.document
        try StandardOutput().write(invocation.json ? document.compactText + [10] : document.prettyText)
        return .ok
    }
}
