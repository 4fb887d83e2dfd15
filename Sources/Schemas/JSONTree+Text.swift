internal import JSON

extension JSONTree {
    /// The text without white space.
    public var compactText: [UInt8] {
        var json = JSONWriter()
        write(to: &json)
        return json.finish()
    }

    func write(to json: inout JSONWriter) {
        switch self {
        case .object(let members):
            json.beginObject()
            for member in members {
                json.key(member.name)
                member.value.write(to: &json)
            }
            json.endObject()
        case .array(let elements):
            json.beginArray()
            for element in elements { element.write(to: &json) }
            json.endArray()
        case .string(let text): json.string(text)
        case .number(let digits): json.raw(Array(digits.utf8))
        case .bool(let value): json.bool(value)
        case .null: json.null()
        }
    }

    /// The text for people: two spaces for each level, a line end behind the last line.
    public var prettyText: [UInt8] {
        var text = ""
        pretty(indent: "", into: &text)
        return Array((text + "\n").utf8)
    }

    /// A list of words is read more easily in one line.
    private var isFlat: Bool {
        switch self {
        case .object(let members): members.isEmpty
        case .array(let elements):
            elements.count <= 3 && elements.allSatisfy { $0.members == nil && $0.elements == nil }
        case .string, .number, .bool, .null: true
        }
    }

    private func pretty(indent: String, into text: inout String) {
        let inner = indent + "  "
        switch self {
        case .object(let members) where !isFlat:
            text += "{\n"
            for (index, member) in members.enumerated() {
                text += inner + JSONTree.string(member.name).inline + ": "
                member.value.pretty(indent: inner, into: &text)
                text += index + 1 < members.count ? ",\n" : "\n"
            }
            text += indent + "}"
        case .array(let elements) where !isFlat:
            text += "[\n"
            for (index, element) in elements.enumerated() {
                text += inner
                element.pretty(indent: inner, into: &text)
                text += index + 1 < elements.count ? ",\n" : "\n"
            }
            text += indent + "]"
        case .array(let elements): text += "[" + elements.map(\.inline).joined(separator: ", ") + "]"
        case .object, .string, .number, .bool, .null: text += inline
        }
    }

    private var inline: String { String(decoding: compactText, as: UTF8.self) }

    /// The same document as YAML: strings stay in quotes, so that none is taken for something else.
    public var yamlText: [UInt8] {
        var text = ""
        yaml(indent: "", into: &text)
        return Array(text.utf8)
    }

    private func yaml(indent: String, into text: inout String) {
        switch self {
        case .object(let members):
            for (index, member) in members.enumerated() {
                text += (index == 0 && text.hasSuffix("- ") ? "" : indent) + member.name + ":"
                member.value.yamlValue(indent: indent + "  ", into: &text)
            }
        case .array(let elements):
            for element in elements {
                text += indent + "- "
                guard element.isFlat || element.members == nil else {
                    element.yaml(indent: indent + "  ", into: &text)
                    continue
                }
                text += element.inline + "\n"
            }
        case .string, .number, .bool, .null: text += inline + "\n"
        }
    }

    private func yamlValue(indent: String, into text: inout String) {
        let isEmpty = members?.isEmpty ?? elements?.isEmpty ?? false
        guard !isEmpty, members != nil || elements != nil else {
            text += " " + inline + "\n"
            return
        }
        text += "\n"
        yaml(indent: indent, into: &text)
    }
}
