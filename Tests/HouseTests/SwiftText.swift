/// Looks at Swift source as text, as far as the house rules need it.
enum SwiftText {
    /// Blanks comments and string literals with spaces and keeps every line where it was.
    static func code(of text: String) -> String {
        var scanner = Scanner(Array(text.utf8))
        return scanner.run()
    }

    /// A function, initializer, deinitializer or subscript with a body; lines count from 1.
    struct Function: Equatable {
        let name: String
        let line: Int
        let length: Int
    }

    /// Functions of blanked source, those inside others included.
    static func functions(in code: String) -> [Function] {
        let bytes = Array(code.utf8)
        var functions: [Function] = []
        var line = 1
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x0A { line += 1 }
            guard let keyword = keyword(at: index, in: bytes) else {
                index += 1
                continue
            }
            index += keyword.utf8.count
            if let end = bodyEnd(after: index, in: bytes) {
                let length = bytes[index...end].count { $0 == 0x0A } + 1
                functions.append(Function(name: name(keyword, after: index, in: bytes), line: line, length: length))
            }
        }
        return functions
    }

    private static func keyword(at index: Int, in bytes: [UInt8]) -> String? {
        guard index == 0 || !isWord(bytes[index - 1]), index == 0 || bytes[index - 1] != UInt8(ascii: ".") else {
            return nil
        }
        return ["func", "init", "deinit", "subscript"].first { word in
            let end = index + word.utf8.count
            guard end < bytes.count, bytes[index..<end].elementsEqual(word.utf8) else { return false }
            return !isWord(bytes[end])
        }
    }

    private static func name(_ keyword: String, after index: Int, in bytes: [UInt8]) -> String {
        guard keyword == "func" else { return keyword }
        return String(decoding: bytes[index...].prefix { $0 != UInt8(ascii: "(") }, as: UTF8.self)
            .trimming(while: { $0 == " " })
    }

    /// Where the body's last brace stands, or `nil` for a requirement without a body.
    private static func bodyEnd(after start: Int, in bytes: [UInt8]) -> Int? {
        var depth = 0
        var braces = 0
        for index in start..<bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{"): braces += 1
            case UInt8(ascii: "}"):
                if braces == 0 { return nil }
                braces -= 1
                // A closing brace inside parentheses ends a default value, not the body.
                if braces == 0, depth <= 0 { return index }
            default:
                if braces == 0, depth <= 0, keyword(at: index, in: bytes) != nil { return nil }
            }
        }
        return nil
    }

    static func isWord(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == UInt8(ascii: "_")
            || byte >= 0x80
    }
}

extension String {
    fileprivate func trimming(while unwanted: (Character) -> Bool) -> String {
        String(drop(while: unwanted).reversed().drop(while: unwanted).reversed())
    }
}

/// Walks bytes once; knows comments (nested), strings (raw, of several lines) and code inside `\( )`.
private struct Scanner {
    private var bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func run() -> String {
        code(untilParenthesis: false)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func at(_ text: String, _ offset: Int = 0) -> Bool {
        let start = index + offset
        return start + text.utf8.count <= bytes.count
            && bytes[start..<start + text.utf8.count].elementsEqual(text.utf8)
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where index < bytes.count {
            if bytes[index] != 0x0A { bytes[index] = 0x20 }
            index += 1
        }
    }

    private mutating func code(untilParenthesis: Bool) {
        var depth = 0
        while index < bytes.count {
            if at("//") {
                while index < bytes.count, bytes[index] != 0x0A { blank(1) }
            } else if at("/*") {
                comment()
            } else if let hashes = stringStart() {
                string(hashes: hashes)
            } else {
                if at("(") { depth += 1 }
                if at(")") {
                    depth -= 1
                    if untilParenthesis, depth < 0 { return }
                }
                index += 1
            }
        }
    }

    private mutating func comment() {
        var depth = 0
        repeat {
            if at("/*") {
                depth += 1
                blank(2)
            } else if at("*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && index < bytes.count
    }

    /// How many `#` stand before a quote that begins a string here; `nil` when none begins.
    private func stringStart() -> Int? {
        var hashes = 0
        while at("#", hashes) { hashes += 1 }
        return at("\"", hashes) ? hashes : nil
    }

    private mutating func string(hashes: Int) {
        let fence = String(repeating: "#", count: hashes)
        let quotes = at("\"\"\"", hashes) ? "\"\"\"" : "\""
        blank(hashes + quotes.utf8.count)
        while index < bytes.count {
            if at(quotes + fence) {
                blank(quotes.utf8.count + hashes)
                return
            }
            if at("\\" + fence + "(") {
                blank(hashes + 2)
                code(untilParenthesis: true)
                blank(1)
            } else if at("\\" + fence) {
                blank(hashes + 2)
            } else {
                blank(1)
            }
        }
    }
}
