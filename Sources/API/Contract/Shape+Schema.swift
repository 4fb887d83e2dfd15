internal import JSON

extension Shape {
    /// As JSON Schema 2020-12.
    func write(to json: inout JSONWriter) { json.object { keywords(&$0) } }

    private func keywords(_ json: inout JSONWriter) {
        switch self {
        case .any: break
        case .text(let maximum):
            Self.string(&json, maximum, #"^[^\u0000-\u001f\u007f-\u009f]+$"#)
        case .content(let maximum):
            Self.type("string", &json)
            json.key("maxLength")
            json.integer(maximum)
        case .name(let maximum): Self.string(&json, maximum, "^[A-Za-z0-9._:/@+-]+$")
        case .integer(let range):
            Self.type("integer", &json)
            json.key("minimum")
            json.integer(range.lowerBound)
            json.key("maximum")
            json.integer(range.upperBound)
        case .boolean: Self.type("boolean", &json)
        case .number: Self.type("number", &json)
        case .document: Self.type("object", &json)
        case .choice(let words):
            Self.type("string", &json)
            json.key("enum")
            json.array { json in for word in words { json.string(word) } }
        case .choices(let words): Self.choices(words, &json)
        case .timestamp: Self.string(&json, 35, Self.timePattern)
        case .day: Self.string(&json, 10, Self.dayPattern + "$")
        case .uuid: Self.string(&json, 36, "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        case .decimal: Self.string(&json, 48, #"^-?[0-9]{1,29}(\.[0-9]{1,9})?$"#)
        case .list(let shape, let maximum):
            Self.type("array", &json)
            json.key("items")
            shape.write(to: &json)
            json.key("maxItems")
            json.integer(maximum)
        case .object(let fields, let isClosed): Self.object(fields, isClosed, &json)
        case .nullable(let shape):
            json.key("anyOf")
            json.array { json in
                shape.write(to: &json)
                json.object { Self.type("null", &$0) }
            }
        }
    }

    /// Moments that this program can hold; the day is checked by the calendar besides.
    static let timePattern =
        dayPattern
        + #"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z$"#

    static let dayPattern = "^(19[7-9][0-9]|20[0-9][0-9]|21[0-9][0-9])-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"

    private static func type(_ name: String, _ json: inout JSONWriter) {
        json.key("type")
        json.string(name)
    }

    private static func string(_ json: inout JSONWriter, _ maximum: Int, _ pattern: String) {
        type("string", &json)
        json.key("minLength")
        json.integer(1)
        json.key("maxLength")
        json.integer(maximum)
        json.key("pattern")
        json.string(pattern)
    }

    /// Each may stand once: all orders of few words.
    private static func choices(_ words: [String], _ json: inout JSONWriter) {
        type("string", &json)
        json.key("enum")
        json.array { json in for list in lists(of: words) { json.string(list.joined(separator: ",")) } }
    }

    /// Every list in which each word stands at most once, and one at least.
    static func lists(of words: [String]) -> [[String]] {
        precondition(words.count <= 4, "more words make too many lists")
        return words.flatMap { word in
            [[word]] + lists(of: words.filter { $0 != word }).map { [word] + $0 }
        }
    }

    private static func object(_ fields: [Field], _ isClosed: Bool, _ json: inout JSONWriter) {
        type("object", &json)
        json.key("properties")
        json.object { json in
            for field in fields {
                json.key(field.name)
                json.object { json in
                    field.shape.keywords(&json)
                    guard !field.summary.isEmpty else { return }
                    json.key("description")
                    json.string(field.summary)
                }
            }
        }
        let required = fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty {
            json.key("required")
            json.array { json in for name in required { json.string(name) } }
        }
        if isClosed {
            json.key("additionalProperties")
            json.bool(false)
        }
    }
}
