/// Why bytes are no state of this fold; whoever reads them folds the log instead.
public struct StateFault: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Reads what a `StateWriter` wrote, and refuses everything else.
public struct StateReader: FieldWalker {
    public typealias Failure = StateFault

    private let bytes: [UInt8]
    private var offset = 0

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether all bytes were read: a state is never followed by others.
    public var isAtEnd: Bool { offset == bytes.count }

    public mutating func number() throws(StateFault) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0 as UInt64, to: 64, by: 7) {
            let byte = try byte()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw StateFault("a number of more than ten bytes")
    }

    public mutating func rows<Record: FieldRecord>(of type: Record.Type = Record.self) throws(StateFault) -> [Record] {
        let count = try count()
        var records: [Record] = []
        records.reserveCapacity(count)
        for _ in 0..<count { records.append(try Record.filled(by: &self)) }
        return records
    }

    /// No more of anything than there are bytes left, so that damaged bytes never ask for memory.
    private mutating func count() throws(StateFault) -> Int {
        let count = try number()
        guard count <= UInt64(bytes.count - offset) else { throw StateFault("more than there is") }
        return Int(count)
    }

    private mutating func byte() throws(StateFault) -> UInt8 {
        guard offset < bytes.count else { throw StateFault("too short") }
        defer { offset += 1 }
        return bytes[offset]
    }

    private mutating func text<Value: FieldText>() throws(StateFault) -> Value {
        let count = try count()
        defer { offset += count }
        do { return try unsafe Value.read(bytes.span.bytes.extracting(offset..<offset + count)) } catch {
            throw StateFault(error.description)
        }
    }

    private mutating func whole() throws(StateFault) -> Int64 {
        let value = try number()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    private mutating func truth() throws(StateFault) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        case let other: throw StateFault("\(other) is neither yes nor no")
        }
    }
}

extension StateReader {
    public mutating func field<Value: FieldText>(
        _ name: StaticString, _ value: inout Value, _ note: FieldNote
    ) throws(StateFault) { value = try text() }

    public mutating func field(
        _ name: StaticString, _ value: inout Int64, _ note: FieldNote
    ) throws(StateFault) { value = try whole() }

    public mutating func field(
        _ name: StaticString, _ value: inout Bool, _ note: FieldNote
    ) throws(StateFault) { value = try truth() }

    public mutating func field(
        _ name: StaticString, _ value: inout CompactJSON, _ note: FieldNote
    ) throws(StateFault) {
        let count = try count()
        value = CompactJSON(trusted: Array(bytes[offset..<offset + count]))
        offset += count
    }

    public mutating func field<Record: FieldRecord>(
        _ name: StaticString, _ value: inout Record, _ note: FieldNote
    ) throws(StateFault) { value = try Record.filled(by: &self) }

    public mutating func field<Value: FieldText>(
        _ name: StaticString, _ value: inout Value?, _ note: FieldNote
    ) throws(StateFault) { value = try truth() ? try text() : nil }

    public mutating func field(
        _ name: StaticString, _ value: inout Int64?, _ note: FieldNote
    ) throws(StateFault) { value = try truth() ? try whole() : nil }

    public mutating func field(
        _ name: StaticString, _ value: inout Bool?, _ note: FieldNote
    ) throws(StateFault) { value = try truth() ? try truth() : nil }

    public mutating func field(
        _ name: StaticString, _ value: inout CompactJSON?, _ note: FieldNote
    ) throws(StateFault) {
        guard try truth() else { return value = nil }
        var content = CompactJSON.emptyObject
        try field(name, &content, note)
        value = content
    }

    public mutating func field<Record: FieldRecord>(
        _ name: StaticString, _ value: inout Record?, _ note: FieldNote
    ) throws(StateFault) { value = try truth() ? try Record.filled(by: &self) : nil }

    public mutating func list<Value: FieldText>(
        _ name: StaticString, _ values: inout [Value], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) throws(StateFault) {
        let count = try count()
        values = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try text()) }
    }

    public mutating func list<Record: FieldRecord>(
        _ name: StaticString, _ values: inout [Record], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) throws(StateFault) { values = try rows() }
}
