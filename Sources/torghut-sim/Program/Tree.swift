import Core
import JSON

/// A small JSON document as a value: a simulator reads few, and wants to look into them freely.
enum Tree: Sendable, Equatable {
    struct Field: Sendable, Equatable {
        let name: String
        let value: Tree
    }

    case object([Field])
    case array([Tree])
    case string(String)
    /// As it was written.
    case number(String)
    case bool(Bool)
    case null

    init?(_ bytes: [UInt8]) {
        var parser = JSONParser()
        do { self.init(try parser.parse(bytes)) } catch { return nil }
    }

    /// With a parser that is used for many.
    init?(_ bytes: [UInt8], with parser: inout JSONParser) {
        do { self.init(try parser.parse(bytes)) } catch { return nil }
    }

    private init(_ value: JSONValue) {
        if var fields = value.fields() {
            var list: [Field] = []
            while let field = fields.next() { list.append(Field(name: field.name, value: Tree(field.value))) }
            self = .object(list)
        } else if var elements = value.elements() {
            var list: [Tree] = []
            while let element = elements.next() { list.append(Tree(element)) }
            self = .array(list)
        } else if let text = value.string {
            self = .string(text)
        } else if let flag = value.bool {
            self = .bool(flag)
        } else {
            self = value.isNull ? .null : .number(value.sourceText)
        }
    }

    static func object(_ fields: KeyValuePairs<String, Tree?>) -> Tree {
        .object(fields.map { Field(name: $0.key, value: $0.value ?? .null) })
    }

    static func count(_ number: Int) -> Tree { .number(String(number)) }

    /// Alpaca writes numbers as strings.
    static func amount(_ amount: Amount?) -> Tree { amount.map { .string($0.description) } ?? .null }
    static func time(_ time: Timestamp?) -> Tree { time.map { .string($0.description) } ?? .null }
    static func text(_ text: String?) -> Tree { text.map { .string($0) } ?? .null }

    subscript(_ name: String) -> Tree? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { $0.name == name }?.value
    }

    var elements: [Tree] {
        guard case .array(let list) = self else { return [] }
        return list
    }

    var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var bool: Bool? {
        guard case .bool(let flag) = self else { return nil }
        return flag
    }

    /// Text or number: Alpaca takes both.
    var amount: Amount? {
        switch self {
        case .string(let text), .number(let text):
            do { return try Amount(text) } catch { return nil }
        case .object, .array, .bool, .null: return nil
        }
    }

    var integer: Int? {
        switch self {
        case .string(let text), .number(let text): Int(text)
        case .object, .array, .bool, .null: nil
        }
    }

    var fields: [Field] {
        guard case .object(let fields) = self else { return [] }
        return fields
    }

    var isNull: Bool { self == .null }

    /// With these fields instead of those of the same name, or behind the others.
    func with(_ changes: KeyValuePairs<String, Tree>) -> Tree {
        guard case .object(var fields) = self else { return self }
        for (name, value) in changes {
            if let index = fields.firstIndex(where: { $0.name == name }) {
                fields[index] = Field(name: name, value: value)
            } else {
                fields.append(Field(name: name, value: value))
            }
        }
        return .object(fields)
    }

    var bytes: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.finish()
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .object(let fields):
            writer.beginObject()
            for field in fields {
                writer.key(field.name)
                field.value.write(to: &writer)
            }
            writer.endObject()
        case .array(let list):
            writer.beginArray()
            for element in list { element.write(to: &writer) }
            writer.endArray()
        case .string(let text): writer.string(text)
        case .number(let text): writer.raw(Array(text.utf8))
        case .bool(let flag): writer.bool(flag)
        case .null: writer.null()
        }
    }
}
