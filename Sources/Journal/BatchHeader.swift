/// The first 112 bytes of a batch.
///
/// They have a checksum of their own, so the lengths in them can be believed before anything behind them is read: a
/// flipped length is damage, and never looks like a batch that was cut off.
package struct BatchHeader: Equatable, Sendable {
    package static let bytes = 112
    package static let trailerBytes = 16
    package static let magic: UInt64 = 0x3142_4C4E_524A_4754  // "TGJRNLB1"
    package static let trailerMagic: UInt32 = 0x444E_4542  // "BEND"
    /// No batch is longer, and none decompresses to more: what says otherwise is damaged.
    package static let maximumBytes = 64 << 20

    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// The payload is an LZ4 block; otherwise it is stored as it is.
        static let compressed = Flags(rawValue: 1)
        /// Batches before this one, or records of it, were taken out by retention or repair.
        static let thinned = Flags(rawValue: 2)
    }

    var sequence: UInt64
    var batchBytes = 0
    var directoryBytes = 0
    var storedBytes = 0
    var payloadBytes = 0
    var records = 0
    var slices = 0
    var changes = 0
    var flags: Flags = []
    var writtenAt: Int64
    /// How far the journal was durable when this was written.
    var mark: DurableMark.Place
    var directoryHash: UInt64 = 0
    var payloadHash: UInt64 = 0

    var payloadStart: Int { Self.bytes + directoryBytes }

    init(sequence: UInt64, writtenAt: Int64, mark: DurableMark.Place) {
        self.sequence = sequence
        self.writtenAt = writtenAt
        self.mark = mark
    }

    func write(to block: Block, at place: Int) {
        block.store(Self.magic, at: place)
        block.store(sequence, at: place + 8)
        block.store(UInt32(batchBytes), at: place + 16)
        block.store(UInt32(directoryBytes), at: place + 20)
        block.store(UInt32(storedBytes), at: place + 24)
        block.store(UInt32(payloadBytes), at: place + 28)
        block.store(UInt32(records), at: place + 32)
        block.store(UInt32(slices), at: place + 36)
        block.store(UInt32(changes), at: place + 40)
        block.store(flags.rawValue, at: place + 44)
        block.store(writtenAt, at: place + 48)
        block.store(mark.segment, at: place + 56)
        block.store(mark.byte, at: place + 64)
        block.store(mark.sequence, at: place + 72)
        block.store(directoryHash, at: place + 80)
        block.store(payloadHash, at: place + 88)
        block.store(UInt64(0), at: place + 96)
        block.store(block.hash(place..<place + 104), at: place + 104)
    }

    func writeTrailer(to block: Block, at place: Int) {
        block.store(Self.trailerMagic, at: place)
        block.store(UInt32(batchBytes), at: place + 4)
        block.store(sequence, at: place + 8)
    }

    /// The header at a place that has 112 bytes, or `nil` when its checksum or its lengths are wrong.
    static func read(from block: Block, at place: Int) -> BatchHeader? {
        guard block.load(UInt64.self, at: place) == magic,
            block.load(UInt64.self, at: place + 104) == block.hash(place..<place + 104)
        else { return nil }
        func length(_ field: Int) -> Int { Int(block.load(UInt32.self, at: place + field)) }
        let mark = DurableMark.Place(
            segment: block.load(UInt64.self, at: place + 56), byte: block.load(UInt64.self, at: place + 64),
            sequence: block.load(UInt64.self, at: place + 72))
        var header = BatchHeader(
            sequence: block.load(UInt64.self, at: place + 8), writtenAt: block.load(Int64.self, at: place + 48),
            mark: mark)
        header.batchBytes = length(16)
        header.directoryBytes = length(20)
        header.storedBytes = length(24)
        header.payloadBytes = length(28)
        header.records = length(32)
        header.slices = length(36)
        header.changes = length(40)
        header.flags = Flags(rawValue: block.load(UInt32.self, at: place + 44))
        header.directoryHash = block.load(UInt64.self, at: place + 80)
        header.payloadHash = block.load(UInt64.self, at: place + 88)
        return header.isSound ? header : nil
    }

    /// Whether the lengths agree with one another and with the limits of the format.
    private var isSound: Bool {
        batchBytes <= Self.maximumBytes && payloadBytes <= Self.maximumBytes
            && directoryBytes == directoryBytes.aligned
            && batchBytes == Self.bytes + directoryBytes + storedBytes.aligned + Self.trailerBytes
            && slices * Slice.bytes <= directoryBytes && changes <= directoryBytes
            && records * RecordLayout.fixedBytes <= payloadBytes
            // LZ4 never gives more than 255 bytes for one: a small file cannot ask for a large block.
            && (flags.contains(.compressed) ? payloadBytes <= storedBytes * 255 : storedBytes == payloadBytes)
            && sequence > 0 && sequence < UInt64(Int64.max)
    }
}
