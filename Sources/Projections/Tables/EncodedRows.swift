/// Rows of one table that a batch writes: whole tuples, one after another, as a binary COPY wants them.
public struct EncodedRows: Sendable {
    public var bytes: [UInt8] = []
    public var count = 0
    /// How many of them are only there to be removed.
    public var removed = 0

    public init() {}

    public var isEmpty: Bool { count == 0 }
}

/// The current rows of one table that a batch writes.
struct TakenRows {
    /// Rows that are stored nowhere yet: the owner knows, because it looked for each before it made it.
    var fresh = EncodedRows()
    /// Rows in place of others.
    var merged = EncodedRows()
}

extension EncodedRows {
    /// Where each tuple lies.
    var tuples: [Range<Int>] {
        var found: [Range<Int>] = []
        found.reserveCapacity(count)
        unsafe bytes.withUnsafeBytes { bytes in
            var at = 0
            while at < bytes.count {
                let start = at
                // Safe: the tuples are ours, and each length was written beside its field.
                let fields = Int16(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: at, as: Int16.self))
                at += 2
                for _ in 0..<fields {
                    at +=
                        4
                        + max(0, Int(Int32(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: at, as: Int32.self))))
                }
                found.append(start..<at)
            }
        }
        return found
    }
}
