internal import CLibpq

/// The rows of one result, in the server's own memory: fields are lent, nothing is copied.
///
/// Sendable without a check: libpq does not change a result after it made it, and any thread may read it.
@safe public final class Rows: @unchecked Sendable {
    private let result: OpaquePointer
    public let count: Int
    public let columns: Int

    init(taking result: OpaquePointer) {
        unsafe self.result = result
        count = Int(unsafe PQntuples(result))
        columns = Int(unsafe PQnfields(result))
    }

    deinit { unsafe PQclear(result) }

    /// The place of a column in the answer; it must be there.
    public func column(_ name: String) -> Int {
        guard let found = (0..<columns).first(where: { self.name(of: $0) == name }) else {
            preconditionFailure("the answer has no column '\(name)'")
        }
        return found
    }

    public func name(of column: Int) -> String {
        unsafe PQfname(result, Int32(column)).map { unsafe String(cString: $0) } ?? ""
    }

    /// The field as the server sent it (binary from `query`, text from `run`); `nil` is null.
    @_lifetime(borrow self)
    public func bytes(_ row: Int, _ column: Int) -> RawSpan? {
        precondition(row >= 0 && row < count && column >= 0 && column < columns, "no such field")
        let (row, column) = (Int32(row), Int32(column))
        guard unsafe PQgetisnull(result, row, column) == 0, let start = unsafe PQgetvalue(result, row, column) else {
            return nil
        }
        // Safe: the bytes live as long as the result, which this object owns.
        let span = unsafe RawSpan(_unsafeStart: start, byteCount: Int(PQgetlength(result, row, column)))
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    func isText(_ column: Int) -> Bool { unsafe PQfformat(result, Int32(column)) == 0 }
}

/// Fields as values. A field of another size is a defect of the query beside it, hence a trap.
extension Rows {
    public func isNull(_ row: Int, _ column: Int) -> Bool { bytes(row, column) == nil }

    public func text(_ row: Int, _ column: Int) -> String? {
        guard let span = bytes(row, column) else { return nil }
        return span.copiedText()
    }

    public func copy(_ row: Int, _ column: Int) -> [UInt8]? {
        guard let span = bytes(row, column) else { return nil }
        return span.copiedBytes()
    }

    /// An `int8`, `int4` or `int2`.
    public func integer(_ row: Int, _ column: Int) -> Int64? {
        guard let span = bytes(row, column) else { return nil }
        if isText(column) {
            guard let number = Int64(span.copiedText()) else { preconditionFailure("the field is no integer") }
            return number
        }
        switch span.byteCount {
        case 8: return Int64(bitPattern: span.bigEndian(at: 0, as: UInt64.self))
        case 4: return Int64(Int32(bitPattern: span.bigEndian(at: 0, as: UInt32.self)))
        case 2: return Int64(Int16(bitPattern: span.bigEndian(at: 0, as: UInt16.self)))
        default: preconditionFailure("the field is no integer")
        }
    }

    public func bool(_ row: Int, _ column: Int) -> Bool? {
        guard let span = bytes(row, column) else { return nil }
        precondition(span.byteCount == 1, "the field is no bool")
        let byte = span.bigEndian(at: 0, as: UInt8.self)
        return byte == 1 || byte == UInt8(ascii: "t")
    }
}

extension RawSpan {
    /// Postgres sends numbers with the highest byte first.
    @inlinable
    public func bigEndian<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Number.Type) -> Number {
        // Safe: the load checks its bounds, and every bit pattern is a number.
        unsafe Number(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    public func copiedText() -> String { unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }

    public func copiedBytes() -> [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}
