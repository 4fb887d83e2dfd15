/// Where a value is not what its schema says.
///
/// Carries no values: they may be private.
public struct SchemaViolation: Sendable, Equatable, CustomStringConvertible {
    /// Where in the event, as in `$.payload.qty`.
    public let path: String
    public let what: String

    public init(path: String, what: String) {
        self.path = path
        self.what = what
    }

    public var description: String { "\(path): \(what)" }
}

extension CompiledSchema {
    public func violations(of value: JSONTree) -> [SchemaViolation] {
        var found: [SchemaViolation] = []
        judge(value, "$") { found.append(SchemaViolation(path: $0, what: $1)) }
        return found
    }

    private func judge(_ value: JSONTree, _ path: String, _ report: (String, String) -> Void) {
        if let types, !types.contains(where: value.isOf(type:)) {
            // Nothing else can be said of a value of another kind.
            return report(path, "must be \(types.sorted().joined(separator: " or ")), and is \(value.typeName)")
        }
        if let constant, !constant.means(value) {
            report(path, "must be \(String(decoding: constant.compactText, as: UTF8.self))")
        }
        if let words, !words.contains(where: value.means) { report(path, "is none of the words of this field") }
        switch value {
        case .string(let text): judge(text: text, path, report)
        case .number(let digits): judge(number: NumberText(digits), path, report)
        case .array(let elements): judge(elements, path, report)
        case .object: judge(object: value, path, report)
        case .bool, .null: return
        }
    }

    private func judge(text: String, _ path: String, _ report: (String, String) -> Void) {
        let count = text.unicodeScalars.count
        if count < lengths.least { report(path, "has \(count) characters, and at least \(lengths.least) are needed") }
        if count > lengths.most { report(path, "has \(count) characters, and at most \(lengths.most) are allowed") }
        if let pattern, (try? pattern.regex.wholeMatch(in: text)) == nil {
            report(path, "does not match \(pattern.text)")
        }
    }

    private func judge(number: NumberText, _ path: String, _ report: (String, String) -> Void) {
        // Our bounds belong to whole numbers only.
        guard number.isWhole else { return }
        let whole = number.whole
        if whole < bounds.least { report(path, "is below \(bounds.least)") }
        if whole > bounds.most { report(path, "is above \(bounds.most)") }
    }

    private func judge(_ elements: [JSONTree], _ path: String, _ report: (String, String) -> Void) {
        if elements.count < counts.least { report(path, "has \(elements.count) elements, fewer than \(counts.least)") }
        if elements.count > counts.most { report(path, "has \(elements.count) elements, more than \(counts.most)") }
        guard let items else { return }
        for (index, element) in elements.enumerated() { items.judge(element, "\(path)[\(index)]", report) }
    }

    private func judge(object: JSONTree, _ path: String, _ report: (String, String) -> Void) {
        for name in required where object[name] == nil { report("\(path).\(name)", "is required, and absent") }
        for member in object.members ?? [] {
            if let property = properties[member.name] {
                property.judge(member.value, "\(path).\(member.name)", report)
            } else if isClosed {
                report("\(path).\(member.name)", "is not a field of this schema")
            }
        }
    }
}

extension JSONTree {
    var typeName: String {
        switch self {
        case .object: "object"
        case .array: "array"
        case .string: "string"
        case .number(let digits): NumberText(digits).isWhole ? "integer" : "number"
        case .bool: "boolean"
        case .null: "null"
        }
    }

    func isOf(type: String) -> Bool { typeName == type || (type == "number" && typeName == "integer") }
}
