/// The frame of the binary COPY format, and one row of it.
public enum CopyFormat {
    /// What every binary COPY begins with: signature, no flags, no extension.
    public static let header: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
    public static let trailer: [UInt8] = [0xFF, 0xFF]

    /// The first message of a reading holds the header before its row.
    static func headerBytes(of bytes: RawSpan) -> Int {
        precondition(bytes.byteCount >= header.count, "the server's COPY has no header")
        return header.count + Int(bytes.bigEndian(at: 15, as: UInt32.self))
    }

    static func isTrailer(_ bytes: RawSpan) -> Bool {
        bytes.byteCount < 2 || bytes.bigEndian(at: 0, as: Int16.self) == -1
    }
}

/// One row as the server sent it: fields are lent one after the other.
public struct CopyRow: ~Escapable {
    public let bytes: RawSpan

    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) { self.bytes = bytes }

    public var columns: Int { Int(bytes.bigEndian(at: 0, as: Int16.self)) }

    /// Where the first field's length stands.
    public static var start: Int { 2 }

    /// The field whose length stands at `offset`, which then moves to the next; `nil` is null.
    @_lifetime(copy self)
    public func field(at offset: inout Int) -> RawSpan? {
        let length = Int(bytes.bigEndian(at: offset, as: Int32.self))
        let start = offset + 4
        offset = start + max(0, length)
        return length < 0 ? nil : bytes.extracting(start..<start + length)
    }
}
