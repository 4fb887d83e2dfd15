import Core
import Domain
import TestSupport

/// Writes an event with one of its fields spoiled: the walk gives it every field, with its path and type.
///
/// Everything optional is there, so that every field can be spoiled.
struct SpoilingEncoder: FieldWalker {
    typealias Failure = Never

    /// Which field to spoil, counted in the order of the walk, and with which of its wrong texts; `nil` leaves it out.
    let target: Int
    let wrong: String?

    private(set) var text = ""
    private(set) var spoiled: Field?
    private(set) var fields = 0
    private var path: [String] = []
    private var isFirst = true

    struct Field: Equatable {
        var path: String
        var isRequired: Bool
        var wrongTexts: [String]
    }

    init(target: Int, wrong: String?) {
        self.target = target
        self.wrong = wrong
    }

    mutating func object(_ body: (inout SpoilingEncoder) -> Void) {
        text += "{"
        isFirst = true
        body(&self)
        text += "}"
        isFirst = false
    }

    /// Writes `"name":text`, unless it is this field's turn to be wrong.
    mutating func field(
        _ name: StaticString, isRequired: Bool, wrongTexts: @autoclosure () -> [String],
        _ body: (inout SpoilingEncoder) -> Void
    ) {
        let isTarget = fields == target
        fields += 1
        path.append("\(name)")
        defer { path.removeLast() }
        if isTarget {
            spoiled = Field(
                path: "$." + path.joined(separator: "."), isRequired: isRequired, wrongTexts: wrongTexts())
            if wrong == nil { return }
        }
        text += isFirst ? "" : ","
        isFirst = false
        text += "\"\(name)\":"
        if isTarget, let wrong {
            text += wrong
        } else {
            body(&self)
        }
    }

    mutating func records<Record: FieldRecord>(_ records: [Record]) {
        text += "["
        for (index, element) in records.enumerated() {
            text += index > 0 ? "," : ""
            let outer = path
            path[path.count - 1] += "[\(index)]"
            object { encoder in
                var element = element
                element.walk(&encoder)
            }
            path = outer
        }
        text += "]"
    }

    mutating func append(_ more: String) { text += more }

    static func quoted(_ value: some FieldText) -> String {
        var bytes: [UInt8] = []
        value.append(to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        return text.unicodeScalars.reduce(into: "\"") { text, scalar in
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        } + "\""
    }
}

/// Texts that are wrong for a kind of field.
enum WrongTexts {
    static let string = ["7", "-1.5", "true", "{}", "[]", #"["x"]"#]
    static let integer = [#""1""#, "1.5", "1e3", "9223372036854775808", "-9223372036854775809", "true", "{}", "[]"]
        .filter { $0 != "-9223372036854775809" }  // simdjson refuses the whole document: its own test says so.
    static let bool = [#""true""#, "1", "0", "{}", "[]"]
    static let object = [#""x""#, "1", "true", "[]", "[{}]"]
    static let array = [#""x""#, "1", "true", "{}"]

    static func list(of element: String, _ counts: ClosedRange<Int>) -> [String] {
        let tooMany = [String](repeating: element, count: counts.upperBound + 1).joined(separator: ",")
        return array + (counts.lowerBound > 0 ? ["[]"] : []) + ["[" + tooMany + "]"]
    }

    static func of(_ form: TextForm) -> [String] {
        let long = "\"\(String(repeating: "x", count: 8_192))\""
        switch form {
        case .decimal:
            return string + [
                #""NaN""#, #""Infinity""#, #""-inf""#, #""1e5""#, #""""#, #"" 1""#, #""1,5""#, #""0x10""#,
                #""1.0000000001""#,
                #""999999999999999999999999999999""#, #"".5""#, #""5.""#, #""1\u00002""#,
            ]
        case .time:
            return string + [
                #""2026-02-12T06:35:00""#, #""2026-02-12 06:35:00Z""#, #""2026-02-30T06:35:00Z""#, #""1770878100""#,
                #""2026-02-12T06:35:00.0000000001Z""#, #""9999-02-12T06:35:00Z""#, #""""#, #""now""#,
            ]
        case .uuid:
            return string + [
                #""""#, #""x""#, #""0123456789ab8def8123456789abcdef""#, #""01234567-89ab-8def-8123-456789abcdeg""#,
                #""01234567-89ab-8def-8123-456789abcde""#, #""01234567-89ab-8def-8123-456789abcdef0""#,
                #""01234567+89ab-8def-8123-456789abcdef""#, #""\u0001\u0001234567-89ab-8def-8123-4567""#,
            ]
        case .hexadecimal(let digits):
            let digit = { (last: String) in "\"\(String(repeating: "a", count: digits - 1))\(last)\"" }
            return string + [#""""#, digit(""), digit("g"), digit("aa"), digit(" "), digit("é"), digit(#"\u0010"#)]
        case .base64: return string + [#""=""#, #""a===""#, #""ab=c""#, #""YWJ?""#, #""YWJ""#, #""YR==""#]
        case .name, .prose: return string + [#""""#, #""\u0000""#, long]
        case .pattern: return string + [#""""#, #""x""#, #""/""#, #""a/b/c#d""#, #""scope:x""#, #""lane:x""#, long]
        case .words: return string + [#""""#, #""no_such_word""#, #""BUY""#, long]
        }
    }
}
