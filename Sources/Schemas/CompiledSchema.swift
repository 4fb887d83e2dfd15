/// A schema made ready to judge many values.
///
/// Patterns are compiled once and belong to one thread, which is why this is not `Sendable`.
public final class CompiledSchema {
    struct Pattern {
        let text: String
        let regex: Regex<AnyRegexOutput>
    }

    private(set) var types: Set<String>?
    private(set) var constant: JSONTree?
    private(set) var words: [JSONTree]?
    private(set) var pattern: Pattern?
    private(set) var lengths: (least: Int, most: Int) = (0, .max)
    private(set) var counts: (least: Int, most: Int) = (0, .max)
    private(set) var bounds: (least: Int128, most: Int128) = (.min, .max)
    private(set) var required: [String] = []
    private(set) var properties: [String: CompiledSchema] = [:]
    private(set) var items: CompiledSchema?
    private(set) var isClosed = false

    public convenience init(_ document: JSONTree) throws(SchemaFault) { try self.init(document, at: "$") }

    private init(_ document: JSONTree, at path: String) throws(SchemaFault) {
        guard let members = document.members else { throw SchemaFault(path: path, what: "a schema is an object") }
        for member in members {
            guard let keyword = SchemaKeyword(rawValue: member.name) else {
                throw SchemaFault(path: path, what: "the keyword '\(member.name)' is not understood")
            }
            guard try take(keyword, member.value, path) else {
                throw SchemaFault(path: path, what: "'\(member.name)' has a value of another kind")
            }
        }
    }

    /// Whether the value is one that the keyword can have.
    private func take(_ keyword: SchemaKeyword, _ value: JSONTree, _ path: String) throws(SchemaFault) -> Bool {
        switch keyword {
        case .type: types = Self.types(value)
        case .const: constant = value
        case .enum: words = value.elements
        case .pattern: pattern = try value.text.map { text throws(SchemaFault) in try Self.pattern(text, path) }
        case .minLength: return Self.set(&lengths.least, value.integer)
        case .maxLength: return Self.set(&lengths.most, value.integer)
        case .minItems: return Self.set(&counts.least, value.integer)
        case .maxItems: return Self.set(&counts.most, value.integer)
        case .minimum: return Self.set(&bounds.least, value.integer.map { Int128($0) })
        case .maximum: return Self.set(&bounds.most, value.integer.map { Int128($0) })
        case .required: return Self.set(&required, value.elements?.compactMap(\.text))
        case .properties:
            for member in value.members ?? [] {
                properties[member.name] = try CompiledSchema(member.value, at: "\(path).\(member.name)")
            }
            return value.members != nil
        case .items: items = try CompiledSchema(value, at: path + "[]")
        case .additionalProperties: isClosed = value == .bool(false)
        case .schema, .id, .title, .description, .examples, .format, .contentEncoding, .unit, .meanings: return true
        }
        return switch keyword {
        case .type: types != nil
        case .enum: words != nil
        case .pattern: pattern != nil
        case .additionalProperties: value == .bool(true) || isClosed
        default: true
        }
    }

    private static func set<Value>(_ place: inout Value, _ value: Value?) -> Bool {
        guard let value else { return false }
        place = value
        return true
    }

    static func types(_ value: JSONTree) -> Set<String>? {
        if let one = value.text { return [one] }
        return value.elements.map { Set($0.compactMap(\.text)) }
    }

    /// Only patterns that cover the whole text: then `^` and `$` cannot mean different things to different engines.
    private static func pattern(_ text: String, _ path: String) throws(SchemaFault) -> Pattern {
        guard text.hasPrefix("^"), text.hasSuffix("$"),
            let regex = try? Regex("(?:\(text.dropFirst().dropLast()))")
        else { throw SchemaFault(path: path, what: "the pattern \(text) is not understood") }
        return Pattern(text: text, regex: regex.matchingSemantics(.unicodeScalar))
    }
}
