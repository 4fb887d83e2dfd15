public import Domain

extension String: ColumnValue {
    public static var columnType: ColumnType { .text }
    @inlinable public func writeField(to row: inout RowBytes) {
        row.append(text: self)
    }
    public static func readField(_ field: RawSpan?) throws(RowFault) -> String {
        guard let field else { throw .size(nil, wanted: "a text") }
        // Safe: the buffer is read inside the call, and the text is a copy.
        return unsafe field.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension CompactJSON: ColumnValue {
    public static var columnType: ColumnType { .json }
    @inlinable public func writeField(to row: inout RowBytes) {
        row.appendBig(Int32(bytes.count))
        // Safe: every byte of an array of bytes is initialised.
        unsafe row.append(bytes.span.bytes)
    }
    public static func readField(_ field: RawSpan?) throws(RowFault) -> CompactJSON {
        guard let field else { throw .size(nil, wanted: "JSON") }
        return CompactJSON(trusted: [UInt8](copying: field))
    }
}

/// Bytes as they are.
extension Octets: ColumnValue {
    public static var columnType: ColumnType { .bytea }
    @inlinable public func writeField(to row: inout RowBytes) {
        row.appendBig(Int32(bytes.count))
        // Safe: every byte of an array of bytes is initialised.
        unsafe row.append(bytes.span.bytes)
    }
    public static func readField(_ field: RawSpan?) throws(RowFault) -> Octets {
        guard let field else { throw .size(nil, wanted: "bytes") }
        do { return try Octets([UInt8](copying: field)) } catch { throw RowFault(error.description) }
    }
}

extension UUID128: ColumnValue {
    public static var columnType: ColumnType { .uuid }
    @inlinable public func writeField(to row: inout RowBytes) {
        row.appendBig(16 as Int32)
        row.appendBig(high)
        row.appendBig(low)
    }
    public static func readField(_ field: RawSpan?) throws(RowFault) -> UUID128 {
        guard let field, field.byteCount == 16 else { throw .size(field, wanted: "a UUID") }
        return UUID128(
            high: try field.extracting(0..<8).bigEndian(UInt64.self),
            low: try field.extracting(8..<16).bigEndian(UInt64.self))
    }
}

/// A word, a name, a hash or prose as the text it is written as: what `FieldText` says of itself, in a column.
///
/// A wrapper, because forty closed sets would otherwise each need a conformance.
public struct Text<Value: FieldText>: ColumnValue {
    public var value: Value

    @inlinable public init(_ value: Value) { self.value = value }

    public static var columnType: ColumnType { .text }

    @inlinable public func writeField(to row: inout RowBytes) {
        if let name = value.heldText { row.append(text: name) } else { row.append { value.append(to: &$0) } }
    }

    public static func readField(_ field: RawSpan?) throws(RowFault) -> Text<Value> {
        guard let field else { throw .size(nil, wanted: "a text") }
        do { return Text(try Value.read(field)) } catch { throw RowFault(error.description) }
    }
}

extension [UInt8] {
    init(copying span: RawSpan) {
        // Safe: the buffer is read inside the call, and the array is a copy.
        self = unsafe span.withUnsafeBytes { unsafe Array($0) }
    }
}
