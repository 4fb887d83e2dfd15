internal import Domain

extension FieldSchema {
    /// The field as JSON Schema says it.
    var document: JSONTree {
        var members = [JSONTree.Member("description", .string(description))]
        if let unit = note.unit { members.append(.init("x-unit", .string(unit.description))) }
        if let constant {
            members.append(.init("type", .string(constant.typeName)))
            members.append(.init("const", constant))
            return .object(members)
        }
        members += shape.keywords(isRequired: isRequired)
        if case .record = shape { return .object(members) }
        members.append(.init("examples", .array([example])))
        return .object(members)
    }

    private var description: String {
        var text = note.text.description
        if constant == nil, let bytes = shape.maximumBytes { text += " At most \(bytes) bytes of UTF-8." }
        if !isRequired { text += " Absent and null mean the same." }
        return text
    }

    /// A value as it could stand here; also part of the event's own example.
    var example: JSONTree { constant ?? shape.example(note.example?.description) }
}

extension FieldShape {
    /// Optional fields may also be null.
    func keywords(isRequired: Bool) -> [JSONTree.Member] {
        func type(_ name: String) -> JSONTree.Member {
            JSONTree.Member("type", isRequired ? .string(name) : .strings([name, "null"]))
        }
        switch self {
        case .text(let form): return [type("string")] + form.keywords(isRequired: isRequired)
        case .integer:
            return [
                type("integer"), .init("minimum", .integer(Int64.min)), .init("maximum", .integer(Int64.max)),
            ]
        case .bool: return [type("boolean")]
        case .anything:
            guard isRequired else { return [] }
            return [.init("type", .strings(["object", "array", "string", "number", "boolean"]))]
        case .record(let fields): return [type("object")] + Self.members(of: fields)
        case .list(let element, let counts):
            return [
                type("array"), .init("minItems", .integer(counts.lowerBound)),
                .init("maxItems", .integer(counts.upperBound)),
                .init("items", .object(element.keywords(isRequired: true))),
            ]
        }
    }

    static func members(of fields: [FieldSchema]) -> [JSONTree.Member] {
        [
            .init("required", .strings(fields.filter(\.isRequired).map(\.name))),
            .init("properties", .object(fields.map { .init($0.name, $0.document) })),
            .init("additionalProperties", .bool(true)),
        ]
    }

    func example(_ given: String?) -> JSONTree {
        switch self {
        case .text(let form): .string(given ?? form.example)
        case .integer: .number(given ?? "7")
        case .bool: .bool(given != "false")
        case .anything: .object([])
        case .record(let fields): .object(fields.map { .init($0.name, $0.example) })
        case .list(let element, _): .array([element.example(given)])
        }
    }

    /// What JSON Schema cannot say: it counts characters.
    var maximumBytes: Int? {
        switch self {
        case .text(.name(let most)), .text(.prose(let most)): most
        case .anything: CompactJSON.maximumBytes
        case .text, .integer, .bool, .record, .list: nil
        }
    }
}
