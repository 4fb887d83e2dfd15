import Core
import JSON

/// A JSON document as a value of its own: requests are small, and their readers look into them freely.
enum Document: Sendable, Equatable {
    struct Field: Sendable, Equatable {
        let name: String
        let value: Document

        init(_ name: String, _ value: Document) {
            self.name = name
            self.value = value
        }
    }

    case object([Field])
    case array([Document])
    case string(String)
    /// As it was written.
    case number(String)
    case bool(Bool)
    case null

    /// Refuses whatever names a field twice, because two readers of it could believe different values.
    init(_ bytes: [UInt8], limits: JSONLimits = Document.limits) throws(JSONError) {
        var parser = JSONParser(limits: limits)
        let root = try parser.parse(bytes)
        try root.refuseDuplicateKeys()
        self.init(root)
    }

    /// Of requests: the server takes no larger ones anyway.
    static let limits = JSONLimits(maximumBytes: 4 << 20, maximumDepth: 32)

    /// Of a broker's orders: as deep as they are read anywhere.
    static let brokerLimits = JSONLimits(maximumBytes: 4 << 20)

    init(_ value: JSONValue) {
        if var fields = value.fields() {
            var list: [Field] = []
            while let field = fields.next() { list.append(Field(field.name, Document(field.value))) }
            self = .object(list)
        } else if var elements = value.elements() {
            var list: [Document] = []
            while let element = elements.next() { list.append(Document(element)) }
            self = .array(list)
        } else if let text = value.string {
            self = .string(text)
        } else if let flag = value.bool {
            self = .bool(flag)
        } else {
            self = value.isNull ? .null : .number(value.sourceText)
        }
    }

    static func object(_ fields: KeyValuePairs<String, Document?>) -> Document {
        .object(fields.map { Field($0.key, $0.value ?? .null) })
    }

    static func integer(_ number: some FixedWidthInteger) -> Document { .number(String(number)) }
    static func amount(_ amount: Amount?) -> Document { amount.map { .string($0.description) } ?? .null }
    static func text(_ text: String?) -> Document { text.map { .string($0) } ?? .null }

    subscript(_ name: String) -> Document? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { $0.name == name }?.value
    }

    var fields: [Field]? {
        guard case .object(let fields) = self else { return nil }
        return fields
    }

    var elements: [Document]? {
        guard case .array(let list) = self else { return nil }
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

    var int64: Int64? {
        guard case .number(let text) = self else { return nil }
        return Int64(text)
    }

    var isNull: Bool { self == .null }

    /// Without the fields of this name.
    func without(_ name: String) -> Document {
        guard case .object(let fields) = self else { return self }
        return .object(fields.filter { $0.name != name })
    }

    /// With this field instead of those of the same name.
    func with(_ name: String, _ value: Document) -> Document {
        guard case .object(let fields) = without(name) else { return self }
        return .object(fields + [Field(name, value)])
    }

    /// Compact text, fields as they stand.
    var bytes: [UInt8] {
        var json = JSONWriter()
        write(to: &json)
        return json.finish()
    }

    /// The same text for documents that mean the same: fields in the order of their names, no white space.
    var canonical: [UInt8] {
        var json = JSONWriter()
        sorted.write(to: &json)
        return json.finish()
    }

    private var sorted: Document {
        switch self {
        case .object(let fields):
            .object(
                fields.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
                    .map { Field($0.name, $0.value.sorted) })
        case .array(let list): .array(list.map(\.sorted))
        case .string, .number, .bool, .null: self
        }
    }

    func write(to json: inout JSONWriter) {
        switch self {
        case .object(let fields):
            json.beginObject()
            for field in fields {
                json.key(field.name)
                field.value.write(to: &json)
            }
            json.endObject()
        case .array(let list):
            json.beginArray()
            for element in list { element.write(to: &json) }
            json.endArray()
        case .string(let text): json.string(text)
        case .number(let text): json.raw(Array(text.utf8))
        case .bool(let flag): json.bool(flag)
        case .null: json.null()
        }
    }
}
