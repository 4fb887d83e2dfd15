internal import Domain

/// Judges the events of one topic, each by the schema of its own type and version.
public final class TopicJudge {
    private struct Place: Hashable {
        let type: String
        let version: Int
    }

    private var compiled: [Place: CompiledSchema] = [:]
    private var types: Set<String> = []

    public init(_ schemas: [EventSchema]) throws(SchemaFault) {
        for schema in schemas {
            types.insert(schema.type.name)
            compiled[Place(type: schema.type.name, version: Int(schema.version))] = try CompiledSchema(schema.document)
        }
    }

    public func violations(of line: [UInt8]) -> [SchemaViolation] {
        let event: JSONTree
        do { event = try JSONTree(parsing: line) } catch { return [SchemaViolation(path: "$", what: "\(error)")] }
        guard event.members != nil else {
            return [SchemaViolation(path: "$", what: "must be object, and is \(event.typeName)")]
        }
        guard let type = event["event_type"]?.text, types.contains(type) else {
            return [SchemaViolation(path: "$.event_type", what: "is no type of this topic")]
        }
        guard case .number(let digits)? = event["version"], NumberText(digits).isWhole,
            let version = Int(exactly: NumberText(digits).whole),
            let schema = compiled[Place(type: type, version: version)]
        else { return [SchemaViolation(path: "$.version", what: "is no version of \(type)")] }
        return schema.violations(of: event)
    }
}
