internal import Core

/// Walks the archived records of one partition in order, from an offset to the end of what is archived.
///
/// Files are opened when they are reached. It belongs to one task; records are lent until the next `advance`.
final class ArchiveCursor {
    private let folder: String
    private var files: ArraySlice<ArchiveManifest.File>
    private var reader: ArchiveFileReader?
    private var entries: ArraySlice<RecordBatch.Entry> = []
    /// The bytes that the entry in hand lies in.
    private(set) var block: [UInt8] = []
    private var from: Int64

    init(_ archive: Archive, of source: TopicPartition, from: Int64) {
        folder = archive.folder
        files = archive.manifest.files(of: source).drop { $0.lastOffset < from }
        self.from = from
    }

    /// The record in hand, or `nil` behind the last.
    func peek() throws(LogError) -> RecordBatch.Entry? {
        while true {
            if let entry = entries.first { return entry }
            guard try fill() else { return nil }
        }
    }

    func advance() { entries = entries.dropFirst() }

    /// Copies the record in hand.
    func record(_ entry: RecordBatch.Entry, of source: TopicPartition) -> Record {
        func copy(_ field: RecordBatch.Field) -> [UInt8]? {
            field.length < 0 ? nil : Array(block[Int(field.start)..<Int(field.start) + Int(field.length)])
        }
        let headers = Int(entry.headers.start)..<Int(entry.headers.start) + Int(entry.headers.length)
        return Record(
            position: RecordPosition(source, entry.offset), timestamp: entry.timestamp, key: copy(entry.key),
            value: copy(entry.value), headers: Header.decode(block[headers]))
    }

    /// The next block with a record at or behind `from`.
    private func fill() throws(LogError) -> Bool {
        if reader == nil {
            guard let file = files.popFirst() else { return false }
            reader = try ArchiveFileReader.open(file, in: folder)
        }
        if let next = try reader?.next() {
            block = next.block
            entries = next.entries.drop { $0.offset < from }
        } else {
            reader = nil
        }
        return true
    }
}
