/// The parameters of one statement, in binary, in one block of bytes; `removeAll` keeps the block for the next.
public struct Parameters: Sendable {
    private struct Field {
        let type: PostgresType
        let start: Int
        /// Negative for null.
        let length: Int
    }

    private var fields: [Field] = []
    /// Begins with a byte of no meaning: an empty block has no address, and a value without an address is null.
    private var block: [UInt8] = [0]

    public init() {}

    public var count: Int { fields.count }
    var types: [PostgresType] { fields.map(\.type) }
    public var byteCount: Int { block.count - 1 }

    public mutating func removeAll() {
        fields.removeAll(keepingCapacity: true)
        block.removeSubrange(1...)
    }

    public mutating func append(_ number: Int64?) { append(.int8, number) { $1.append(bigEndian: $0) } }
    public mutating func append(_ number: Int32?) { append(.int4, number) { $1.append(bigEndian: $0) } }
    public mutating func append(_ flag: Bool?) { append(.bool, flag) { $1.append($0 ? 1 : 0) } }
    public mutating func append(_ text: String?) { append(.text, text) { $1.append(contentsOf: $0.utf8) } }
    public mutating func append(_ bytes: [UInt8]?, as type: PostgresType = .bytea) {
        append(type, bytes) { $1.append(contentsOf: $0) }
    }

    /// Bytes that are the binary form of `type` already.
    public mutating func append(_ bytes: RawSpan, as type: PostgresType) {
        let start = block.count
        unsafe bytes.withUnsafeBytes { unsafe block.append(contentsOf: $0) }
        fields.append(Field(type: type, start: start, length: block.count - start))
    }

    private mutating func append<Value>(
        _ type: PostgresType, _ value: Value?, _ write: (Value, inout [UInt8]) -> Void
    ) {
        let start = block.count
        guard let value else { return fields.append(Field(type: type, start: start, length: -1)) }
        write(value, &block)
        fields.append(Field(type: type, start: start, length: block.count - start))
    }

    /// Lends the four lists that libpq wants.
    func withPointers<Result>(
        _ body: (
            UnsafePointer<UInt32>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        let types = fields.map(\.type.oid)
        let lengths = fields.map { Int32(max(0, $0.length)) }
        let formats = [Int32](repeating: 1, count: fields.count)
        return unsafe block.withUnsafeBytes { block in
            let values = unsafe fields.map { field -> UnsafePointer<CChar>? in
                guard field.length >= 0, let base = block.baseAddress else { return nil }
                return unsafe (base + field.start).assumingMemoryBound(to: CChar.self)
            }
            // Safe: every pointer is into the block or an array above, and libpq copies before it returns.
            return unsafe types.withUnsafeBufferPointer { types in
                unsafe values.withUnsafeBufferPointer { values in
                    unsafe body(types.baseAddress, values.baseAddress, lengths, formats)
                }
            }
        }
    }
}

extension [UInt8] {
    /// Postgres takes numbers with the highest byte first.
    @inlinable
    mutating func append(bigEndian number: some FixedWidthInteger) {
        unsafe Swift.withUnsafeBytes(of: number.bigEndian) { unsafe append(contentsOf: $0) }
    }
}
