/// Rows for `COPY … FROM STDIN (FORMAT binary)`, in one block that `removeAll` keeps for the next batch.
public struct CopyWriter: FieldWriting, Sendable {
    public var fields: FieldBlock
    public private(set) var rows = 0
    private var missing = 0

    public init(capacity: Int = 4096) {
        fields = FieldBlock(capacity: capacity)
        begin()
    }

    public mutating func removeAll() {
        fields.removeAll()
        rows = 0
        begin()
    }

    /// So many fields follow; a row with another number would spoil the whole COPY, and is our defect.
    public mutating func beginRow(columns: Int) {
        precondition(missing == 0, "the row before lacks fields")
        fields.write(Int16(columns))
        missing = columns
        rows += 1
    }

    public mutating func willAppend(isNull: Bool) {
        precondition(missing > 0, "the row has all its fields already")
        missing -= 1
    }

    /// Header and rows; the end of the rows is said by the end of the COPY, for which Postgres needs no trailer.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            precondition(missing == 0, "the last row lacks fields")
            return fields.bytes
        }
    }

    public var byteCount: Int { fields.count }

    private mutating func begin() { unsafe CopyFormat.header.withUnsafeBytes { unsafe fields.write($0) } }
}

extension Session {
    public mutating func feed(_ rows: borrowing CopyWriter) throws(PostgresError) { try feed(rows.bytes) }

    /// As `send(_:copies:)` with bytes: all but `finish`.
    public mutating func send(_ sql: String, copies: [CopyWriter]) throws(PostgresError) {
        try begin(sql)
        for index in copies.indices {
            try openCopy()
            try feed(copies[index])
            try closeCopy()
        }
    }
}

/// A parameter that is a whole column: what `unnest($1)` takes apart again.
public struct ArrayParameter: FieldWriting, Sendable {
    public var fields: FieldBlock
    public private(set) var count: Int32 = 0
    private let element: PostgresType
    private let array: PostgresType
    private var hasNull = false

    public init(of element: PostgresType, as array: PostgresType, capacity: Int = 4096) {
        self.element = element
        self.array = array
        fields = FieldBlock(capacity: capacity)
        begin()
    }

    public static func int8() -> ArrayParameter { ArrayParameter(of: .int8, as: .int8Array) }
    public static func int4() -> ArrayParameter { ArrayParameter(of: .int4, as: .int4Array) }
    public static func int2() -> ArrayParameter { ArrayParameter(of: .int2, as: .int2Array) }
    public static func bool() -> ArrayParameter { ArrayParameter(of: .bool, as: .boolArray) }
    public static func text() -> ArrayParameter { ArrayParameter(of: .text, as: .textArray) }
    public static func bytea() -> ArrayParameter { ArrayParameter(of: .bytea, as: .byteaArray) }
    public static func uuid() -> ArrayParameter { ArrayParameter(of: .uuid, as: .uuidArray) }
    public static func numeric() -> ArrayParameter { ArrayParameter(of: .numeric, as: .numericArray) }
    public static func timestamptz() -> ArrayParameter { ArrayParameter(of: .timestamptz, as: .timestamptzArray) }

    public mutating func removeAll() {
        fields.removeAll()
        count = 0
        hasNull = false
        begin()
    }

    public mutating func willAppend(isNull: Bool) {
        count += 1
        fields.overwrite(count, at: 12)
        guard isNull, !hasNull else { return }
        hasNull = true
        fields.overwrite(1, at: 4)
    }

    /// One dimension, no null, the type, no elements yet, counted from 1.
    private mutating func begin() {
        fields.write(Int32(1))
        fields.write(Int32(0))
        fields.write(element.oid)
        fields.write(Int32(0))
        fields.write(Int32(1))
    }

    var type: PostgresType { array }
}

extension Parameters {
    public mutating func append(_ array: borrowing ArrayParameter) { append(array.fields.bytes, as: array.type) }
}
