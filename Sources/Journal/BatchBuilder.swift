/// Builds one batch at the end of a block: header, directory, payload, trailer.
struct BatchBuilder {
    var header: BatchHeader
    var slices: [Slice] = []
    var changes: [Change] = []

    /// Where the payload begins in the batch, once slices and changes are all there.
    private func directory() -> (bytes: Int, changes: [UInt8]) {
        var writer = ByteWriter()
        for change in changes { change.encode(into: &writer) }
        return ((slices.count * Slice.bytes + writer.bytes.count).aligned, writer.bytes)
    }

    /// Writes the batch at `place` and returns its length.
    ///
    /// The payload is `stored` bytes of `source`, already hashed.
    mutating func write(to block: Block, at place: Int, payload source: Block, _ stored: EncodedAppend.Stored) -> Int {
        let (directoryBytes, tail) = directory()
        header.directoryBytes = directoryBytes
        header.slices = slices.count
        header.changes = changes.count
        header.records = slices.reduce(0) { $0 + $1.count }
        header.storedBytes = stored.bytes
        header.payloadHash = stored.hash
        if stored.compressed { header.flags.insert(.compressed) } else { header.flags.remove(.compressed) }
        header.batchBytes = header.payloadStart + stored.bytes.aligned + BatchHeader.trailerBytes
        block.reserve(place + header.batchBytes, keeping: place)
        let start = place + BatchHeader.bytes
        for (index, slice) in slices.enumerated() { slice.write(to: block, at: start + index * Slice.bytes) }
        let used = start + slices.count * Slice.bytes
        block.copy(tail, to: used)
        block.zero(used + tail.count..<start + directoryBytes)
        header.directoryHash = block.hash(start..<start + directoryBytes)
        header.write(to: block, at: place)
        let payload = place + header.payloadStart
        block.copy(from: source, 0..<stored.bytes, to: payload)
        block.zero(payload + stored.bytes..<payload + stored.bytes.aligned)
        header.writeTrailer(to: block, at: place + header.batchBytes - BatchHeader.trailerBytes)
        return header.batchBytes
    }

    /// Compresses and hashes a raw payload into `scratch`, for those that were not prepared by their caller.
    static func store(_ payload: Block, _ count: Int, scratch: Block) -> (Block, EncodedAppend.Stored) {
        scratch.reserve(Compression.bound(count).aligned)
        // Below this nothing is gained.
        let length = count < 128 ? nil : Compression.compress(payload, 0..<count, into: scratch, at: 0)
        let block = length == nil ? payload : scratch
        let bytes = length ?? count
        block.reserve(bytes.aligned, keeping: bytes)
        block.zero(bytes..<bytes.aligned)
        return (
            block, EncodedAppend.Stored(bytes: bytes, compressed: length != nil, hash: block.hash(0..<bytes.aligned))
        )
    }
}
