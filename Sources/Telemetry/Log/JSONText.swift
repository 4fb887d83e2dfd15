/// Text as a JSON string on one line, whatever it holds.
enum JSONText {
    private static let ellipsis = Array("…".utf8)

    /// Appends quotes and at most `limit` bytes between them; the cut never splits a character's code or an escape.
    static func append(_ text: String, to line: inout [UInt8], limit: Int) {
        line.append(UInt8(ascii: "\""))
        let start = line.count
        for scalar in text.unicodeScalars {
            let end = line.count
            append(scalar, to: &line)
            guard line.count - start > limit else { continue }
            line.removeLast(line.count - end)
            shorten(&line, from: start, to: limit - ellipsis.count)
            line += ellipsis
            break
        }
        line.append(UInt8(ascii: "\""))
    }

    private static func append(_ scalar: Unicode.Scalar, to line: inout [UInt8]) {
        switch scalar {
        case "\"": line += [UInt8(ascii: "\\"), UInt8(ascii: "\"")]
        case "\\": line += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
        case "\n": line += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
        case "\r": line += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
        case "\t": line += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
        // JSON allows the last ones as they are, but terminals obey them or readers end lines at them.
        case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
            let digits = Array("0123456789abcdef".utf8)
            line += [UInt8(ascii: "\\"), UInt8(ascii: "u")]
            for shift in [12, 8, 4, 0] as [UInt32] { line.append(digits[Int(scalar.value >> shift & 0xF)]) }
        default: line += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    /// Cuts back to the last boundary at or before `limit` bytes after `start`.
    private static func shorten(_ line: inout [UInt8], from start: Int, to limit: Int) {
        var boundary = start
        var next = start
        while next < line.count {
            next += width(of: line, at: next)
            guard next - start <= limit else { break }
            boundary = next
        }
        line.removeLast(line.count - boundary)
    }

    /// Bytes of the escape or character that begins here.
    private static func width(of line: [UInt8], at offset: Int) -> Int {
        switch line[offset] {
        case UInt8(ascii: "\\"): line[offset + 1] == UInt8(ascii: "u") ? 6 : 2
        case 0xF0...: 4
        case 0xE0...: 3
        case 0xC0...: 2
        default: 1
        }
    }
}
