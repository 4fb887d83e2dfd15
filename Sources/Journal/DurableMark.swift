/// How far the journal is known to be on the disk: readers stop there, and what is missing below it is damage.
///
/// The writer puts it into the `durable` file after each sync, without syncing that file: after a power loss it
/// may be older than the truth, never newer. The file lies in one sector, so it is never half written.
enum DurableMark {
    struct Place: Equatable, Comparable, Sendable {
        /// The segment that the next batch goes to, by the sequence in its name.
        var segment: UInt64
        var byte: UInt64
        /// The sequence of the next batch.
        var sequence: UInt64

        static let start = Place(segment: 1, byte: 0, sequence: 1)

        static func < (left: Self, right: Self) -> Bool {
            left.segment == right.segment ? left.byte < right.byte : left.segment < right.segment
        }
    }

    static let bytes = 40
    static let magic: UInt64 = 0x314B_524D_4C4A_4754  // "TGJLMRK1"

    static func encode(_ place: Place) -> [UInt8] {
        var writer = ByteWriter()
        writer.put(magic)
        writer.put(place.segment)
        writer.put(place.byte)
        writer.put(place.sequence)
        writer.put(Block(writer.bytes).hash(0..<32))
        return writer.bytes
    }

    /// `nil` when the bytes are not a mark.
    static func decode(_ bytes: [UInt8]) -> Place? {
        guard bytes.count == self.bytes else { return nil }
        let block = Block(bytes)
        guard block.load(UInt64.self, at: 0) == magic, block.load(UInt64.self, at: 32) == block.hash(0..<32) else {
            return nil
        }
        return Place(
            segment: block.load(UInt64.self, at: 8), byte: block.load(UInt64.self, at: 16),
            sequence: block.load(UInt64.self, at: 24))
    }
}
