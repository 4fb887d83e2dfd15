internal import Core

/// Reads one archive file from its start, a block of records at a time.
struct ArchiveFileReader: ~Copyable {
    /// How much is decompressed at a time, unless one record needs more.
    static let blockBytes = 1 << 20
    private let path: String
    private let file: ArchiveManifest.File
    private let input: ArchiveInput
    private var decompressor: LZ4FrameDecompressor
    private var compressed: ArraySlice<UInt8> = []
    /// Decompressed bytes that do not make a whole record yet.
    private var remainder: [UInt8] = []
    private var opened = false
    private var records: Int64 = 0
    private var lastOffset: Int64 = -1

    static func open(_ file: ArchiveManifest.File, in folder: String) throws(LogError) -> ArchiveFileReader {
        let path = "\(folder)/\(file.path)"
        return ArchiveFileReader(
            path: path, file: file, input: try ArchiveInput(opening: path), decompressor: try LZ4FrameDecompressor())
    }

    private init(
        path: String, file: ArchiveManifest.File, input: consuming ArchiveInput,
        decompressor: consuming LZ4FrameDecompressor
    ) {
        self.path = path
        self.file = file
        self.input = input
        self.decompressor = decompressor
    }

    /// The next records in the order of the file, and the bytes they lie in; `nil` behind the last.
    mutating func next() throws(LogError) -> (entries: [RecordBatch.Entry], block: [UInt8])? {
        do throws(LZ4FrameError) {
            while true {
                guard let block = try nextBlock() else { return nil }
                let entries = try parse(block)
                if !entries.isEmpty { return (entries, block) }
            }
        } catch {
            throw .archiveDamaged(path, error.description)
        }
    }

    private mutating func parse(_ block: [UInt8]) throws(LZ4FrameError) -> [RecordBatch.Entry] {
        var at = 0
        if !opened {
            guard block.starts(with: ArchiveEncoding.magic) else {
                throw LZ4FrameError("it does not open with TGARCH01")
            }
            at = ArchiveEncoding.magic.count
            opened = true
        }
        var entries: [RecordBatch.Entry] = []
        while let (entry, next) = try ArchiveEncoding.entry(in: block, at: at, end: block.count, source: 0) {
            guard entry.offset > lastOffset, entry.offset >= file.firstOffset, entry.offset <= file.lastOffset else {
                throw LZ4FrameError("offset \(entry.offset) is out of order or outside what the manifest says")
            }
            lastOffset = entry.offset
            records += 1
            entries.append(entry)
            at = next
        }
        remainder = Array(block[at...])
        return entries
    }

    /// The remainder and what follows it, or `nil` when the frame has ended as the manifest says.
    private mutating func nextBlock() throws(LZ4FrameError) -> [UInt8]? {
        if decompressor.ended { return try checkEnd() }
        var block = remainder
        while block.count == remainder.count, !decompressor.ended {
            if compressed.isEmpty { compressed = try readMore() }
            let (grown, used) = try decompressor.decompress(compressed, behind: block, room: Self.blockBytes)
            compressed = compressed.dropFirst(used)
            block = grown
        }
        return block
    }

    private func readMore() throws(LZ4FrameError) -> ArraySlice<UInt8> {
        let more: [UInt8]
        do throws(LogError) {
            more = try input.read(limit: Self.blockBytes)
        } catch {
            throw LZ4FrameError(error.description)
        }
        guard !more.isEmpty else { throw LZ4FrameError("it ends in the middle of its LZ4 frame") }
        return more[...]
    }

    private func checkEnd() throws(LZ4FrameError) -> [UInt8]? {
        guard remainder.isEmpty else { throw LZ4FrameError("its last record is cut short") }
        guard records == file.records, lastOffset == file.lastOffset else {
            throw LZ4FrameError("it holds \(records) records to offset \(lastOffset), not what the manifest says")
        }
        return nil
    }
}
