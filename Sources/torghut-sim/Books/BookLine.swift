import JSON

/// One line of the books: a hash of the rest in sixteen digits, a blank, JSON, and the end of the line.
enum BookLine {
    static let digits = 16

    static func sealed(_ tree: Tree) -> [UInt8] {
        let text = tree.bytes
        return digits(of: text[...]) + [UInt8(ascii: " ")] + text + [UInt8(ascii: "\n")]
    }

    /// What stands on a line without its end; `nil` when it is not as it was written.
    static func opened(_ line: ArraySlice<UInt8>, with parser: inout JSONParser) -> Tree? {
        guard line.count > digits + 1, line[line.startIndex + digits] == UInt8(ascii: " ") else { return nil }
        let text = line.dropFirst(digits + 1)
        guard Array(line.prefix(digits)) == digits(of: text) else { return nil }
        return Tree(Array(text), with: &parser)
    }

    /// FNV-1a of 64 bits.
    private static func digits(of text: ArraySlice<UInt8>) -> [UInt8] {
        let hash = text.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        let number = String(hash, radix: 16)
        return Array((String(repeating: "0", count: digits - number.utf8.count) + number).utf8)
    }
}
