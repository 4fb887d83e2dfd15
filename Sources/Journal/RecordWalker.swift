internal import CLZ4
internal import Core

/// Finds the records of a slice in a decompressed payload and checks every length on the way: the checksum says
/// that the bytes are those that were written, not that whoever wrote them was right.
struct RecordWalker {
    /// Adds the records from offset `from` on; false when they do not fit the slice.
    ///
    /// `shift` is where the payload begins in the block.
    static func walk(
        _ slice: Slice, in block: UnsafeRawBufferPointer, shift: Int, from first: Int64, source: Int,
        headers: Bool, into entries: inout [RecordBatch.Entry]
    ) -> Bool {
        var place = shift + slice.start
        let end = place + slice.length
        guard place >= 0, end <= block.count, let base = block.baseAddress else { return slice.count == 0 }
        for offset in slice.base..<slice.end {
            guard end - place >= RecordLayout.fixedBytes else { return false }
            // Safe: the twenty bytes are inside the block by the check above, and so is what their lengths say by
            // the check below. Lengths have 32 bits, so their sums cannot overflow.
            let fields = unsafe base + place
            let timestamp = unsafe Int64(littleEndian: fields.loadUnaligned(as: Int64.self))
            let key = unsafe Int(Int32(littleEndian: fields.loadUnaligned(fromByteOffset: 8, as: Int32.self)))
            let value = unsafe Int(Int32(littleEndian: fields.loadUnaligned(fromByteOffset: 12, as: Int32.self)))
            let names = unsafe Int(UInt32(littleEndian: fields.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
            let start = place &+ RecordLayout.fixedBytes
            let before = place
            let afterKey = start &+ max(key, 0)
            let afterValue = afterKey &+ max(value, 0)
            place = afterValue &+ names
            // Where the record after the next few begins is only a guess, and a good one: without it every record
            // waits for the memory its lengths lie in.
            unsafe torghut_prefetch(base + (place &+ 4 &* (place &- before)))
            guard key >= -1, value >= -1, place <= end else { return false }
            if names > 0, unsafe !isSound(block, afterValue..<place) { return false }
            if offset < first { continue }
            entries.append(
                RecordBatch.Entry(
                    offset: offset, timestamp: timestamp, key: RecordBatch.Field(start: start, length: key),
                    value: RecordBatch.Field(start: afterKey, length: value),
                    headers: RecordBatch.Field(start: afterValue, length: headers ? names : 0), source: source))
        }
        return place == end
    }

    /// `Header.decode` traps on what `Header.encode` did not write, so nothing else may reach it.
    private static func isSound(_ block: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        var place = range.lowerBound
        while place < range.upperBound {
            guard range.upperBound - place >= 2 else { return false }
            place += 2 + (unsafe Int(UInt16(littleEndian: block.loadUnaligned(fromByteOffset: place, as: UInt16.self))))
            guard range.upperBound - place >= 4 else { return false }
            let value = unsafe Int(Int32(littleEndian: block.loadUnaligned(fromByteOffset: place, as: Int32.self)))
            place += 4 + max(value, 0)
            guard value >= -1, place <= range.upperBound else { return false }
        }
        return true
    }
}
