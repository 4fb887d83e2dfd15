public import Core

/// What a value looks like: one description that the document shows and that requests are checked by.
public indirect enum Shape: Sendable {
    /// Printable, and at most so many bytes.
    case text(maximum: Int)
    /// Any text of at most so many bytes, line ends included.
    case content(maximum: Int)
    /// Letters, digits and `._:/@+-`: names and identifiers.
    case name(maximum: Int)
    case integer(ClosedRange<Int64>)
    case boolean
    case choice([String])
    /// One or several of these, between commas.
    case choices([String])
    /// RFC 3339.
    case timestamp
    /// A day of the calendar: `2026-02-12`.
    case day
    case uuid
    /// An exact decimal, as text.
    case decimal
    /// Any number at all: of answers only.
    case number
    /// Any JSON object.
    case document
    /// Any JSON value.
    case any
    case list(Shape, maximum: Int)
    case object([Field], isClosed: Bool)
    case nullable(Shape)

    public struct Field: Sendable {
        public let name: String
        public let shape: Shape
        public let isRequired: Bool
        public let summary: String

        public init(_ name: String, _ shape: Shape, required: Bool = true, _ summary: String = "") {
            self.name = name
            self.shape = shape
            isRequired = required
            self.summary = summary
        }
    }
}

/// A parameter's value, checked.
public enum Argument: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case time(Timestamp)
    case flag(Bool)
}

extension Shape {
    /// The value that a parameter's text stands for; `nil` when it is none of this shape.
    func argument(_ text: String) -> Argument? {
        switch self {
        case .text(let maximum):
            return Self.isPrintable(text, maximum) ? .text(text) : nil
        case .content(let maximum): return text.utf8.count <= maximum ? .text(text) : nil
        case .name(let maximum):
            return Self.isName(text, maximum) ? .text(text) : nil
        case .integer(let range):
            // `Int64` also takes a plus sign and zeros in front.
            guard let number = Int64(text), "\(number)" == text, range.contains(number) else { return nil }
            return .integer(number)
        case .boolean: return text == "true" ? .flag(true) : text == "false" ? .flag(false) : nil
        case .choice(let words): return words.contains(text) ? .text(text) : nil
        case .choices(let words):
            let given = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let isKnown = given.allSatisfy { words.contains($0) } && Set(given).count == given.count
            return isKnown ? .text(text) : nil
        case .timestamp:
            do { return .time(try Timestamp(text)) } catch { return nil }
        case .day:
            do { _ = try Timestamp(text + "T00:00:00Z") } catch { return nil }
            return text.utf8.count == 10 ? .text(text) : nil
        case .uuid: return Self.isUUID(text) ? .text(text) : nil
        case .decimal:
            do { _ = try Amount(text) } catch { return nil }
            return .text(text)
        case .number, .document, .any, .list, .object, .nullable:
            preconditionFailure("a parameter cannot be one of these")
        }
    }

    static func isPrintable(_ text: String, _ maximum: Int) -> Bool {
        !text.isEmpty && text.utf8.count <= maximum
            && text.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F).contains($0.value)
            }
    }

    static func isName(_ text: String, _ maximum: Int) -> Bool {
        !text.isEmpty && text.utf8.count <= maximum
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: Array("._:/@+-".utf8).contains(byte)
                }
            }
    }

    static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            [8, 13, 18, 23].contains(index)
                ? byte == 0x2D : (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
        }
    }

    /// In words, for whoever got it wrong.
    var wanted: String {
        switch self {
        case .text(let maximum): "a text of 1 to \(maximum) bytes without control characters"
        case .content(let maximum): "a text of at most \(maximum) bytes"
        case .name(let maximum): "1 to \(maximum) letters, digits or ._:/@+-"
        case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "true or false"
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .choices(let words): "one or several of \(words.joined(separator: ", ")), between commas, each once"
        case .timestamp: "a time as 2026-02-12T14:03:07Z"
        case .day: "a day as 2026-02-12"
        case .uuid: "a UUID in lower case"
        case .decimal: "an exact decimal as text"
        case .number: "a number"
        case .document: "an object"
        case .any: "a value"
        case .list(let shape, let maximum): "a list of at most \(maximum), each \(shape.wanted)"
        case .object: "an object"
        case .nullable(let shape): "\(shape.wanted), or null"
        }
    }
}
