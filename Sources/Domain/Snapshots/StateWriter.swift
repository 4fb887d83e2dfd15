/// Writes the state of a fold as bytes: equal states give equal bytes, on every machine.
///
/// Nothing names a field: bytes of another shape are not read, they are thrown away, and the log is folded again. So a
/// snapshot is only ever read by the fold that wrote it.
public struct StateWriter: FieldWalker {
    public typealias Failure = Never

    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// A number in as few bytes as it needs.
    public mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Rows in the order they are given, which must not be that of a dictionary.
    public mutating func rows(_ records: some Collection<some FieldRecord>) {
        number(UInt64(records.count))
        for record in records {
            var record = record
            record.walk(&self)
        }
    }

    private mutating func text(_ value: some FieldText) {
        var text: [UInt8] = []
        value.append(to: &text)
        number(UInt64(text.count))
        bytes.append(contentsOf: text)
    }

    private mutating func whole(_ value: Int64) {
        // Zigzag: small numbers of either sign are short.
        number(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    private mutating func present<Value>(_ value: Value?) -> Value? {
        bytes.append(value == nil ? 0 : 1)
        return value
    }
}

extension StateWriter {
    public mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value, _ note: FieldNote) {
        text(value)
    }

    public mutating func field(_ name: StaticString, _ value: inout Int64, _ note: FieldNote) { whole(value) }

    public mutating func field(_ name: StaticString, _ value: inout Bool, _ note: FieldNote) {
        bytes.append(value ? 1 : 0)
    }

    public mutating func field(_ name: StaticString, _ value: inout CompactJSON, _ note: FieldNote) {
        number(UInt64(value.bytes.count))
        bytes.append(contentsOf: value.bytes)
    }

    public mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record, _ note: FieldNote) {
        value.walk(&self)
    }

    public mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value?, _ note: FieldNote) {
        if let value = present(value) { text(value) }
    }

    public mutating func field(_ name: StaticString, _ value: inout Int64?, _ note: FieldNote) {
        if let value = present(value) { whole(value) }
    }

    public mutating func field(_ name: StaticString, _ value: inout Bool?, _ note: FieldNote) {
        if let value = present(value) { bytes.append(value ? 1 : 0) }
    }

    public mutating func field(_ name: StaticString, _ value: inout CompactJSON?, _ note: FieldNote) {
        if var value = present(value) { field(name, &value, note) }
    }

    public mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record?, _ note: FieldNote) {
        if var value = present(value) { value.walk(&self) }
    }

    public mutating func list<Value: FieldText>(
        _ name: StaticString, _ values: inout [Value], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        number(UInt64(values.count))
        for value in values { text(value) }
    }

    public mutating func list<Record: FieldRecord>(
        _ name: StaticString, _ values: inout [Record], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        rows(values)
    }
}
