/// How headers lie in a block, the same in journal files and in batches read from Kafka: for each header the
/// name's length (u16), the name, the value's length (i32, −1 for null), the value; all little-endian.
extension Header {
    public static let maximumNameBytes = Int(UInt16.max)

    public static func encodedBytes(_ headers: [Header]) -> Int {
        headers.reduce(0) { $0 + 6 + $1.name.utf8.count + ($1.value?.count ?? 0) }
    }

    public static func encode(_ headers: [Header], into block: inout [UInt8]) {
        for header in headers {
            let name = header.name.utf8
            precondition(name.count <= maximumNameBytes, "the engine checks header names before it encodes them")
            withLittleEndian(UInt16(name.count)) { block.append(contentsOf: $0) }
            block.append(contentsOf: name)
            withLittleEndian(Int32(header.value?.count ?? -1)) { block.append(contentsOf: $0) }
            if let value = header.value { block.append(contentsOf: value) }
        }
    }

    /// Traps on bytes that `encode` did not write: engines check a block before they lend it.
    public static func decode(_ block: ArraySlice<UInt8>) -> [Header] {
        var headers: [Header] = []
        var rest = block
        while !rest.isEmpty {
            let name = rest.take(Int(rest.takeInteger(bytes: 2)))
            let length = Int32(truncatingIfNeeded: rest.takeInteger(bytes: 4))
            let value = length < 0 ? nil : Array(rest.take(Int(length)))
            headers.append(Header(String(decoding: name, as: UTF8.self), value))
        }
        return headers
    }

    private static func withLittleEndian<Number: FixedWidthInteger>(_ number: Number, _ body: ([UInt8]) -> Void) {
        body((0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) })
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        precondition(self.count >= count, "header block cut short")
        defer { self = dropFirst(count) }
        return prefix(count)
    }

    fileprivate mutating func takeInteger(bytes: Int) -> UInt64 {
        take(bytes).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
