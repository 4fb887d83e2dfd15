internal import Core
internal import Domain

/// Appends the fields of a record as JSON text.
///
/// Absent fields are left out.
struct FieldEncoder: FieldWalker {
    typealias Failure = Never

    private(set) var text: [UInt8]
    private var isFirst = true

    init(appendingTo text: consuming [UInt8]) { self.text = text }

    mutating func object(_ body: (inout FieldEncoder) -> Void) {
        text.append(UInt8(ascii: "{"))
        isFirst = true
        body(&self)
        text.append(UInt8(ascii: "}"))
        isFirst = false
    }

    mutating func record(_ record: some FieldRecord) {
        object { encoder in
            var record = record
            record.walk(&encoder)
        }
    }

    /// Names are written as they are: a test checks that none needs an escape.
    @inline(__always)
    mutating func key(_ name: StaticString) {
        let comma = !isFirst
        isFirst = false
        let count = name.utf8CodeUnitCount
        text.append(addingCapacity: count + 4) { output in
            if comma { output.append(UInt8(ascii: ",")) }
            output.append(UInt8(ascii: "\""))
            // Safe: the static string lives forever, and there is room for all of it.
            unsafe output.withUnsafeMutableBufferPointer { buffer, filled in
                guard let start = buffer.baseAddress else { return }
                unsafe (start + filled).initialize(from: name.utf8Start, count: count)
                filled += count
            }
            output.append(UInt8(ascii: "\""))
            output.append(UInt8(ascii: ":"))
        }
    }

    @inline(__always)
    private mutating func quote<Value: FieldText>(_ value: Value) {
        text.append(UInt8(ascii: "\""))
        let start = text.count
        value.append(to: &text)
        if !Value.isPlain, Self.needsEscape(text, from: start) { escape(from: start) }
        text.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ text: [UInt8], from start: Int) -> Bool {
        for index in start..<text.count where needsEscape(text[index]) { return true }
        return false
    }

    /// Escapes what was written from `start` on; almost no text needs it.
    private mutating func escape(from start: Int) {
        let rest = Array(text[start...])
        text.removeSubrange(start...)
        for byte in rest {
            guard Self.needsEscape(byte) else {
                text.append(byte)
                continue
            }
            text.append(UInt8(ascii: "\\"))
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(byte)
            case 0x0A: text.append(UInt8(ascii: "n"))
            case 0x0D: text.append(UInt8(ascii: "r"))
            case 0x09: text.append(UInt8(ascii: "t"))
            default:
                text.append(contentsOf: "u00".utf8)
                let digits = Array("0123456789abcdef".utf8)
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            }
        }
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func integer(_ value: Int64) {
        if value >= 0, value < 10 {
            text.append(UInt8(ascii: "0") + UInt8(value))
        } else {
            text.append(contentsOf: String(value).utf8)
        }
    }
}

extension FieldEncoder {
    @inline(__always)
    mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value, _ note: FieldNote) {
        key(name)
        quote(value)
    }

    @inline(__always)
    mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value?, _ note: FieldNote) {
        guard let value else { return }
        key(name)
        quote(value)
    }

    mutating func field(_ name: StaticString, _ value: inout Int64, _ note: FieldNote) {
        key(name)
        integer(value)
    }

    mutating func field(_ name: StaticString, _ value: inout Int64?, _ note: FieldNote) {
        guard let value else { return }
        key(name)
        integer(value)
    }

    mutating func field(_ name: StaticString, _ value: inout Bool, _ note: FieldNote) {
        key(name)
        text.append(contentsOf: value ? "true".utf8 : "false".utf8)
    }

    mutating func field(_ name: StaticString, _ value: inout Bool?, _ note: FieldNote) {
        guard var value else { return }
        field(name, &value, note)
    }

    mutating func field(_ name: StaticString, _ value: inout CompactJSON, _ note: FieldNote) {
        key(name)
        text.append(contentsOf: value.bytes)
    }

    mutating func field(_ name: StaticString, _ value: inout CompactJSON?, _ note: FieldNote) {
        guard let value else { return }
        key(name)
        text.append(contentsOf: value.bytes)
    }

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record, _ note: FieldNote) {
        key(name)
        record(value)
    }

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record?, _ note: FieldNote) {
        guard let value else { return }
        key(name)
        record(value)
    }

    mutating func list<Value: FieldText>(
        _ name: StaticString, _ values: inout [Value], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        key(name)
        array(values) { encoder, value in encoder.quote(value) }
    }

    mutating func list<Record: FieldRecord>(
        _ name: StaticString, _ values: inout [Record], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        key(name)
        array(values) { encoder, value in encoder.record(value) }
    }

    mutating func texts<Value: FieldText>(_ values: [Value]) {
        array(values) { encoder, value in encoder.quote(value) }
    }

    private mutating func array<Element>(_ elements: [Element], _ body: (inout FieldEncoder, Element) -> Void) {
        text.append(UInt8(ascii: "["))
        for index in elements.indices {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            body(&self, elements[index])
        }
        text.append(UInt8(ascii: "]"))
    }
}
