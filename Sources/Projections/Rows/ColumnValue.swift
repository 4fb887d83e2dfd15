/// A value that a column holds, in Postgres' binary form: four bytes of length and the bytes, or -1 for null.
///
/// The same bytes go into COPY, into the arrays of the other write path, and into the state root; and Postgres gives
/// back exactly these.
public protocol ColumnValue: Sendable, Equatable {
    static var columnType: ColumnType { get }
    static var isNullable: Bool { get }
    func writeField(to row: inout RowBytes)
    /// `nil` is null.
    static func readField(_ field: RawSpan?) throws(RowFault) -> Self
}

/// A stored row that is not what its table promises.
///
/// Only somebody else's hand can make one.
public struct RowFault: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }

    static func size(_ field: RawSpan?, wanted: String) -> RowFault {
        guard let field else { return RowFault("a column has no value where \(wanted) was expected") }
        return RowFault("a column has \(field.byteCount) bytes where \(wanted) was expected")
    }
}

extension ColumnValue {
    public static var isNullable: Bool { false }
}

extension [UInt8] {
    /// Numbers travel with their first byte first.
    mutating func appendBig<Number: FixedWidthInteger>(_ number: Number) {
        append(addingCapacity: MemoryLayout<Number>.size) { output in
            // Safe: there is room for it, and its bytes are plain integers.
            unsafe output.withUnsafeMutableBufferPointer { room, count in
                unsafe UnsafeMutableRawBufferPointer(room).storeBytes(
                    of: number.bigEndian, toByteOffset: count, as: Number.self)
                count += MemoryLayout<Number>.size
            }
        }
    }
}

extension RawSpan {
    func bigEndian<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) throws(RowFault) -> Number {
        guard byteCount == MemoryLayout<Number>.size else { throw .size(self, wanted: "\(type)") }
        // Safe: the length was checked, and any bytes are a number.
        return Number(bigEndian: unsafe unsafeLoadUnaligned(as: type))
    }
}

extension Bool: ColumnValue {
    public static var columnType: ColumnType { .boolean }
    @inlinable public func writeField(to row: inout RowBytes) {
        row.appendBig(1 as Int32)
        row.appendBig(self ? 1 : 0 as UInt8)
    }
    public static func readField(_ field: RawSpan?) throws(RowFault) -> Bool {
        guard let field else { throw .size(nil, wanted: "a truth value") }
        return try field.bigEndian(UInt8.self) != 0
    }
}

extension Int32: ColumnValue {
    public static var columnType: ColumnType { .integer }
    @inlinable public func writeField(to row: inout RowBytes) {
        row.appendBig(4 as Int32)
        row.appendBig(self)
    }
    public static func readField(_ field: RawSpan?) throws(RowFault) -> Int32 {
        guard let field else { throw .size(nil, wanted: "an integer") }
        return try field.bigEndian(Int32.self)
    }
}

extension Int64: ColumnValue {
    public static var columnType: ColumnType { .bigint }
    @inlinable public func writeField(to row: inout RowBytes) {
        row.appendBig(8 as Int32)
        row.appendBig(self)
    }
    public static func readField(_ field: RawSpan?) throws(RowFault) -> Int64 {
        guard let field else { throw .size(nil, wanted: "a bigint") }
        return try field.bigEndian(Int64.self)
    }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    public static var columnType: ColumnType { Wrapped.columnType }
    public static var isNullable: Bool { true }
    @inlinable public func writeField(to row: inout RowBytes) {
        if let value = self { value.writeField(to: &row) } else { row.appendBig(-1 as Int32) }
    }
    public static func readField(_ field: RawSpan?) throws(RowFault) -> Wrapped? {
        guard let field else { return nil }
        return try Wrapped.readField(field)
    }
}
