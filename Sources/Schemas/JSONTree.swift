public import JSON

/// A JSON document as a value: schemas are made, compared and written as trees.
///
/// Members keep their order, and numbers their digits.
public indirect enum JSONTree: Sendable, Equatable {
    public struct Member: Sendable, Equatable {
        public let name: String
        public var value: JSONTree

        public init(_ name: String, _ value: JSONTree) {
            self.name = name
            self.value = value
        }
    }

    case object([Member])
    case array([JSONTree])
    case string(String)
    case number(String)
    case bool(Bool)
    case null

    public static func integer(_ number: some FixedWidthInteger) -> JSONTree { .number(String(number)) }
    public static func strings(_ texts: [String]) -> JSONTree { .array(texts.map(JSONTree.string)) }

    public init(_ value: JSONValue) {
        switch value.kind {
        case .object:
            var members: [Member] = []
            if var fields = value.fields() {
                while let field = fields.next() { members.append(Member(field.name, JSONTree(field.value))) }
            }
            self = .object(members)
        case .array:
            var list: [JSONTree] = []
            if var elements = value.elements() {
                while let element = elements.next() { list.append(JSONTree(element)) }
            }
            self = .array(list)
        case .string: self = .string(value.string ?? "")
        case .integer, .unsigned, .fraction: self = .number(value.sourceText)
        case .true: self = .bool(true)
        case .false: self = .bool(false)
        case .null: self = .null
        }
    }

    /// The document in this text; a name that stands twice in one object is refused.
    public init(parsing text: [UInt8]) throws(JSONError) {
        var parser = JSONParser()
        self = try Self.parse(text, &parser)
    }

    private static func parse(_ text: [UInt8], _ parser: inout JSONParser) throws(JSONError) -> JSONTree {
        let root = try parser.parse(text)
        try root.refuseDuplicateKeys()
        return JSONTree(root)
    }
}

extension JSONTree {
    public var members: [Member]? { if case .object(let members) = self { members } else { nil } }
    public var elements: [JSONTree]? { if case .array(let elements) = self { elements } else { nil } }
    public var text: String? { if case .string(let text) = self { text } else { nil } }
    public var integer: Int? { if case .number(let digits) = self { Int(digits) } else { nil } }

    public subscript(name: String) -> JSONTree? {
        get { members?.first { $0.name == name }?.value }
        set {
            guard case .object(var members) = self else { return }
            let place = members.firstIndex { $0.name == name }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(name, value))
            case (nil, nil): return
            }
            self = .object(members)
        }
    }
}
