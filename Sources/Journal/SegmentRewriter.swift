internal import Core

/// Writes a segment anew beside the old one and then takes its place: after a crash it is the one or the other.
///
/// From the first batch that is left out, every later one says so (`thinned`), and every one that is written says
/// that all before it is durable: places in the old file mean nothing in the new one.
struct SegmentRewriter {
    private let layer: any FileLayer
    private let folder: JournalFolder
    private let segment: UInt64
    private let file: Int32
    private let output = Block(capacity: 1 << 16)
    private(set) var byte = 0
    private(set) var sequence: UInt64
    /// Set when a batch or a part of one is left out.
    var thinned = false

    private var temporary: String { folder.segment(segment) + ".tmp" }

    init(_ layer: any FileLayer, _ folder: JournalFolder, _ segment: UInt64) throws(FileError) {
        self.layer = layer
        self.folder = folder
        self.segment = segment
        sequence = segment
        file = try layer.open(folder.segment(segment) + ".tmp", .write)
        do throws(FileError) {
            try layer.truncate(file, to: 0)
        } catch {
            layer.close(file)
            throw error
        }
    }

    /// Takes over a batch byte by byte, but for what its header says of its surroundings.
    mutating func keep(_ batch: BatchWindow.Batch, in window: BatchWindow) throws(FileError) {
        var header = batch.header
        output.reserve(header.batchBytes)
        output.copy(from: window.block, batch.place..<batch.place + header.batchBytes, to: 0)
        mark(&header)
        header.write(to: output, at: 0)
        try write(header.batchBytes, header.sequence)
    }

    /// A batch with another payload than it had, raw in a block.
    mutating func put(
        _ header: BatchHeader, _ slices: [Slice], _ changes: [Change], _ raw: Block, _ bytes: Int
    ) throws(FileError) {
        thinned = true
        var builder = BatchBuilder(header: header, slices: slices, changes: changes)
        builder.header.payloadBytes = bytes
        mark(&builder.header)
        let scratch = Block(capacity: Compression.bound(bytes).aligned)
        let (block, stored) = BatchBuilder.store(raw, bytes, scratch: scratch)
        let count = builder.write(to: output, at: 0, payload: block, stored)
        try write(count, header.sequence)
    }

    /// An empty batch, so that the next segment's sequence follows this one's.
    mutating func fill(upTo next: UInt64, now: Int64) throws(FileError) {
        guard sequence < next else { return }
        let header = BatchHeader(sequence: next - 1, writtenAt: now, mark: .start)
        try put(header, [], [], Block(capacity: 16), 0)
    }

    private func mark(_ header: inout BatchHeader) {
        if thinned { header.flags.insert(.thinned) }
        header.mark = DurableMark.Place(segment: segment, byte: UInt64(byte), sequence: header.sequence)
    }

    private mutating func write(_ count: Int, _ sequence: UInt64) throws(FileError) {
        try layer.write(file, at: byte, output, 0..<count)
        byte += count
        self.sequence = sequence + 1
    }

    func finish() throws(FileError) {
        defer { layer.close(file) }
        try layer.sync(file)
        try layer.rename(temporary, to: folder.segment(segment))
        try layer.syncFolder(folder.path)
    }

    func abandon() {
        layer.close(file)
        // A temporary file that stays is removed when the journal is opened.
        try? layer.remove(temporary)
    }
}
