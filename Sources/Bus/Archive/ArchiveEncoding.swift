internal import Core

/// How a record lies in an archive file, after decompression; `docs/archive-format.md` says the same in words.
///
/// A file opens with `magic`. Then, for each record: the length of what follows (u32), offset (i64), timestamp
/// (i64), key length (i32, −1 for null), key, value length (i32, −1 for null), value, headers as in `Header.encode`
/// to the record's end; all little-endian.
enum ArchiveEncoding {
    static let magic: [UInt8] = Array("TGARCH01".utf8)
    /// Offset, timestamp, both lengths.
    static let fixedBytes = 24
    /// More than any record the log takes; a larger length is damage.
    static let maximumRecordBytes = LogLimits.maximumRecordBytes + fixedBytes

    /// Adds one record as it lies in a batch, without making arrays of its fields.
    static func append(_ entry: RecordBatch.Entry, of batch: borrowing RecordBatch, to block: inout [UInt8]) {
        let key = Int(max(entry.key.length, 0))
        let value = Int(max(entry.value.length, 0))
        let headers = Int(max(entry.headers.length, 0))
        block.appendLittleEndian(UInt32(fixedBytes + key + value + headers))
        block.appendLittleEndian(entry.offset)
        block.appendLittleEndian(entry.timestamp)
        block.appendLittleEndian(entry.key.length < 0 ? -1 : entry.key.length)
        batch.appendBytes(of: entry.key, to: &block)
        block.appendLittleEndian(entry.value.length < 0 ? -1 : entry.value.length)
        batch.appendBytes(of: entry.value, to: &block)
        batch.appendBytes(of: entry.headers, to: &block)
    }

    /// The entry whose length word lies at `start` and the byte after it, or `nil` when the block ends first.
    static func entry(
        in block: borrowing [UInt8], at start: Int, end: Int, source: Int
    ) throws(LZ4FrameError) -> (entry: RecordBatch.Entry, next: Int)? {
        guard end - start >= 4 else { return nil }
        let length = Int(block.littleEndian(at: start, as: UInt32.self))
        guard length >= fixedBytes, length <= maximumRecordBytes else {
            throw LZ4FrameError("a record claims \(length) bytes")
        }
        guard end - start - 4 >= length else { return nil }
        let next = start + 4 + length
        let keyStart = start + 24
        let keyLength = Int(block.littleEndian(at: start + 20, as: Int32.self))
        let valueStart = keyStart + max(keyLength, 0) + 4
        guard keyLength >= -1, valueStart <= next else { throw LZ4FrameError("a key reaches past its record") }
        let valueLength = Int(block.littleEndian(at: valueStart - 4, as: Int32.self))
        let headers = valueStart + max(valueLength, 0)
        guard valueLength >= -1, headers <= next else { throw LZ4FrameError("a value reaches past its record") }
        try checkHeaders(in: block, from: headers, to: next)
        let entry = RecordBatch.Entry(
            offset: block.littleEndian(at: start + 4, as: Int64.self),
            timestamp: block.littleEndian(at: start + 12, as: Int64.self),
            key: .init(start: keyStart, length: keyLength), value: .init(start: valueStart, length: valueLength),
            headers: .init(start: headers, length: next - headers), source: source)
        return (entry, next)
    }

    /// `Header.decode` traps on bytes it does not know, so they are checked before they are lent.
    private static func checkHeaders(in block: borrowing [UInt8], from start: Int, to end: Int) throws(LZ4FrameError) {
        var at = start
        while at < end {
            guard at + 2 <= end else { throw LZ4FrameError("a header is cut short") }
            let value = at + 2 + Int(block.littleEndian(at: at, as: UInt16.self)) + 4
            guard value <= end else { throw LZ4FrameError("a header's name reaches past its record") }
            let length = Int(block.littleEndian(at: value - 4, as: Int32.self))
            at = value + max(length, 0)
            guard length >= -1, at <= end else { throw LZ4FrameError("a header's value reaches past its record") }
        }
    }
}

extension RecordBatch {
    /// Adds the bytes of a field to the end of a block; nothing for null.
    func appendBytes(of field: Field, to block: inout [UInt8]) {
        guard let bytes = bytes(of: field) else { return }
        // Safe: the pointer is used only inside the call.
        unsafe bytes.withUnsafeBytes { unsafe block.append(contentsOf: $0) }
    }
}

extension [UInt8] {
    mutating func appendLittleEndian(_ number: some FixedWidthInteger) {
        // Safe: an integer is plain bytes, and the pointer is used only inside the call.
        unsafe Swift.withUnsafeBytes(of: number.littleEndian) { unsafe append(contentsOf: $0) }
    }

    func littleEndian<Number: FixedWidthInteger & BitwiseCopyable>(at start: Int, as type: Number.Type) -> Number {
        // Safe: the span traps outside the array, and an integer may be loaded from anywhere.
        unsafe Number(littleEndian: span.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: type))
    }
}
