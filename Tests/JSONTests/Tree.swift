import JSON
import TestSupport

/// A document as a value, to compare and to make at random.
indirect enum Tree: Equatable {
    case object([Field])
    case array([Tree])
    case string(String)
    case integer(Int64)
    case unsigned(UInt64)
    case fraction(String)
    case bool(Bool)
    case null

    struct Field: Equatable {
        let name: String
        let value: Tree
    }
}

extension Tree {
    static func parse(_ text: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) -> Tree {
        var parser = JSONParser(limits: limits)
        return Tree(try parser.parse(text))
    }

    init(_ value: borrowing JSONValue) {
        switch value.kind {
        case .object:
            var fields: [Field] = []
            if var rest = value.fields() {
                while let field = rest.next() { fields.append(Field(name: field.name, value: Tree(field.value))) }
            }
            self = .object(fields)
        case .array:
            var elements: [Tree] = []
            if var rest = value.elements() {
                while let element = rest.next() { elements.append(Tree(element)) }
            }
            self = .array(elements)
        case .string: self = .string(value.string ?? "?")
        case .integer: self = .integer(value.int64 ?? 0)
        case .unsigned: self = .unsigned(value.uint64 ?? 0)
        case .fraction: self = .fraction(value.sourceText)
        case .true, .false: self = .bool(value.bool == true)
        case .null: self = .null
        }
    }

    static func random(depth: Int, using generator: inout SplitMix64) -> Tree {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 7), using: &generator) {
        case 0: .null
        case 1: .bool(Bool.random(using: &generator))
        case 2: .integer(Int64.random(in: .min ... .max, using: &generator))
        case 3: .unsigned(UInt64.random(in: UInt64(Int64.max) + 1 ... .max, using: &generator))
        case 4: .fraction("\(Int8.random(in: .min ... .max, using: &generator)).5")
        case 5, 6: .string(randomText(using: &generator))
        case 7:
            .array(
                (0..<Int.random(in: 0..<6, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            .object(
                (0..<Int.random(in: 0..<6, using: &generator)).map {
                    // The number keeps names apart: Python keeps one of two equal names.
                    Field(
                        name: "\($0)" + randomText(using: &generator),
                        value: random(depth: depth - 1, using: &generator))
                })
        }
    }

    /// Text with every kind of character: escapes, controls, accents, emoji.
    static func randomText(using generator: inout SplitMix64) -> String {
        let pools: [ClosedRange<UInt32>] = [
            0...0x1F, 0x20...0x7E, 0x22...0x22, 0x5C...0x5C, 0x80...0x7FF, 0x1F300...0x1F5FF,
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<40, using: &generator) {
            let pool = pools[Int.random(in: 0..<pools.count, using: &generator)]
            if let scalar = Unicode.Scalar(UInt32.random(in: pool, using: &generator)) { text.append(scalar) }
        }
        return String(text)
    }

    func write(into writer: inout JSONWriter) {
        switch self {
        case .object(let fields):
            writer.object { writer in
                for field in fields {
                    writer.key(field.name)
                    field.value.write(into: &writer)
                }
            }
        case .array(let elements): writer.array { writer in for element in elements { element.write(into: &writer) } }
        case .string(let text): writer.string(text)
        case .integer(let number): writer.integer(number)
        case .unsigned(let number): writer.integer(number)
        case .fraction(let text): writer.raw(Array(text.utf8))
        case .bool(let value): writer.bool(value)
        case .null: writer.null()
        }
    }
}
