public import Core

/// The fingerprint of a record as an anchor keeps it: timestamp, key and value.
///
/// Headers are left out, because hot readers do not fetch them. A null and an empty field differ.
public enum RecordHash {
    public static func of(_ entry: RecordBatch.Entry, in batch: RecordBatch) -> UInt64 {
        var hash = UInt64(bitPattern: entry.timestamp)
        for field in [entry.key, entry.value] {
            if let bytes = batch.bytes(of: field) {
                hash = XXH3.hash(bytes, seed: hash)
            } else {
                hash = ofNull(after: hash)
            }
        }
        return hash
    }

    public static func of(_ record: Record) -> UInt64 {
        [record.key, record.value].reduce(UInt64(bitPattern: record.timestamp)) { hash, field in
            field.map { XXH3.hash($0, seed: hash) } ?? ofNull(after: hash)
        }
    }

    /// The anchor that a consumer stores after its last record.
    public static func anchor(at entry: RecordBatch.Entry, in batch: RecordBatch) -> Anchor {
        Anchor(offset: entry.offset, timestamp: entry.timestamp, hash: of(entry, in: batch))
    }

    /// Any odd constant will do: it only has to differ from hashing no bytes at all.
    private static func ofNull(after hash: UInt64) -> UInt64 { hash &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
}
