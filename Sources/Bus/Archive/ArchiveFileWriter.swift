internal import Core
internal import Digest

/// Writes one archive file under a temporary name; `finish` makes it durable and gives it its own.
struct ArchiveFileWriter: ~Copyable {
    private let folder: String
    private let path: String
    private let source: TopicPartition
    private let output: ArchiveOutput
    private var compressor: LZ4FrameCompressor
    private var hasher = SHA256()
    /// Encoded and not yet compressed; the last record lies whole in it, from `lastStart`.
    private var pending = ArchiveEncoding.magic
    private var lastStart = 0
    private let firstOffset: Int64
    private var lastOffset: Int64
    private var times: ClosedRange<Int64>
    private var records: Int64 = 0
    /// Compressed and written.
    private var bytes: Int64 = 0
    /// About how large the file will be.
    var size: Int64 { bytes + Int64(pending.count) }

    /// The name tells topic, partition and first offset, so that a folder reads in order without its manifest.
    static func create(
        in folder: String, of source: TopicPartition, first: RecordBatch.Entry
    ) throws(LogError) -> ArchiveFileWriter {
        let digits = String(first.offset)
        let padded = String(repeating: "0", count: max(0, 19 - digits.utf8.count)) + digits
        let path = "\(source.topic)/\(source.partition)/\(padded).lz4"
        try ArchiveNames.makeFolder("\(folder)/\(source.topic)/\(source.partition)")
        var writer = ArchiveFileWriter(
            folder: folder, path: path, first: first, source: source,
            output: try ArchiveOutput(creating: "\(folder)/\(path)" + ArchiveNames.temporarySuffix),
            compressor: try LZ4FrameCompressor())
        try writer.begin()
        return writer
    }

    private init(
        folder: String, path: String, first: RecordBatch.Entry, source: TopicPartition,
        output: consuming ArchiveOutput, compressor: consuming LZ4FrameCompressor
    ) {
        self.folder = folder
        self.path = path
        self.source = source
        self.output = output
        self.compressor = compressor
        firstOffset = first.offset
        lastOffset = first.offset
        times = first.timestamp...first.timestamp
    }

    private mutating func begin() throws(LogError) { try put(compressor.begin()) }

    mutating func append(_ entry: RecordBatch.Entry, of batch: borrowing RecordBatch) throws(LogError) {
        if pending.count >= LZ4FrameCompressor.piece { try compress() }
        lastStart = pending.count
        ArchiveEncoding.append(entry, of: batch, to: &pending)
        lastOffset = entry.offset
        times = min(times.lowerBound, entry.timestamp)...max(times.upperBound, entry.timestamp)
        records += 1
    }

    /// The file is whole, durable and under its name when this returns.
    consuming func finish() throws(LogError) -> ArchiveManifest.File {
        let last = XXH3.hash(Array(pending[lastStart...]))
        try compress()
        try put(compressor.end())
        try output.sync()
        try ArchiveNames.rename(output.path, to: "\(folder)/\(path)")
        try ArchiveNames.syncFolder(of: "\(folder)/\(source.topic)/\(source.partition)")
        try ArchiveNames.syncFolder(of: "\(folder)/\(source.topic)")
        return ArchiveManifest.File(
            path: path, source: source, firstOffset: firstOffset, lastOffset: lastOffset, records: records,
            firstTime: times.lowerBound, lastTime: times.upperBound, bytes: bytes,
            sha256: ArchiveManifest.hexadecimal(hasher.finish()), lastRecord: Self.text(of: last))
    }

    /// A record's hash as the manifest has it.
    static func text(of hash: UInt64) -> String {
        ArchiveManifest.hexadecimal((0..<8).reversed().map { UInt8(truncatingIfNeeded: hash >> ($0 * 8)) })
    }

    private mutating func compress() throws(LogError) {
        var rest = pending[...]
        while !rest.isEmpty {
            try put(compressor.update(rest.prefix(LZ4FrameCompressor.piece)))
            rest = rest.dropFirst(LZ4FrameCompressor.piece)
        }
        pending.removeAll(keepingCapacity: true)
    }

    private mutating func put(_ compressed: ArraySlice<UInt8>) throws(LogError) {
        guard !compressed.isEmpty else { return }
        try output.write(compressed)
        unsafe hasher.update(compressed.span.bytes)
        bytes += Int64(compressed.count)
    }
}
