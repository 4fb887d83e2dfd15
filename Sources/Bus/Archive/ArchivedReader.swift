internal import Core
internal import Threading

/// Reads the archive up to the live log, partition by partition, and then the live log, comparing what both hold.
actor ArchivedReader: EventReader {
    private nonisolated let executor = BlockingExecutor("archive.reader")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let log: ArchivedLog
    private let options: ReadOptions
    private var next: [TopicPartition: Int64]
    /// Of partitions that still read from the archive, or compare with it.
    private var cursors: [TopicPartition: ArchiveCursor] = [:]
    /// Where the archive hands over; `nil` until the live reader is open.
    private var live: (reader: any EventReader, archivedTo: [TopicPartition: Int64])?
    private var compacted: Set<String> = []
    private var closed = false

    init(of log: ArchivedLog, from next: [TopicPartition: Int64], _ options: ReadOptions) {
        self.log = log
        self.next = next
        self.options = options
    }

    func next(waiting limit: Duration) async throws(LogError) -> RecordBatch {
        let deadline = ContinuousClock.now + limit
        guard !closed else { throw LogError(.read, .closed) }
        if live == nil {
            if let batch = try await nextArchived() { return batch }
            try await openLive()
        }
        guard let live else {
            // An archive alone has ended: there is nothing that could come.
            do { try await Task.sleep(until: deadline) } catch { return .empty }
            return .empty
        }
        let batch = try await live.reader.next(waiting: ContinuousClock.now.duration(to: deadline))
        try compare(batch, archivedTo: live.archivedTo)
        next.merge(batch.next) { $1 }
        return batch
    }

    func close() async {
        closed = true
        cursors = [:]
        await live?.reader.close()
    }

    /// A batch of the first partition that stands before the live log's first record, or before the archive's end
    /// when there is no live log.
    private func nextArchived() async throws(LogError) -> RecordBatch? {
        let archive = try log.archive()
        let held = try await log.live?.bounds(of: Array(next.keys)) ?? [:]
        for (source, at) in next.sorted(by: { $0.key < $1.key }) {
            guard let last = archive.manifest.ranges(of: source).last else { continue }
            let seam = held[source]?.begin ?? last.to
            guard at < seam else { continue }
            let ranges = archive.manifest.ranges(of: source)
            guard let range = ranges.first(where: { $0.from <= at && at < $0.to }) else {
                throw ArchivedLog.gap(source, at, ranges.first { $0.from > at }?.from ?? seam)
            }
            return try archivedBatch(of: source, in: archive, to: min(seam, range.to))
        }
        return nil
    }

    private func archivedBatch(
        of source: TopicPartition, in archive: Archive, to end: Int64
    ) throws(LogError) -> RecordBatch {
        let cursor = cursors[source] ?? ArchiveCursor(archive, of: source, from: next[source] ?? 0)
        cursors[source] = cursor
        var block: [UInt8] = []
        var entries: [RecordBatch.Entry] = []
        var reached = end
        while let entry = try cursor.peek(), entry.offset < end {
            let size = Int(max(entry.key.length, 0)) + Int(max(entry.value.length, 0)) + Int(entry.headers.length)
            guard entries.count < options.maximumRecords,
                entries.isEmpty || block.count + size <= options.maximumBytes
            else {
                reached = (entries.last?.offset ?? entry.offset - 1) + 1
                break
            }
            entries.append(Self.copy(entry, from: cursor.block, into: &block, headers: options.headers))
            cursor.advance()
        }
        next[source] = reached
        return RecordBatch(sources: [source], entries: entries, next: [source: reached], block: block)
    }

    /// The entry's fields moved to the end of another block.
    private static func copy(
        _ entry: RecordBatch.Entry, from: [UInt8], into block: inout [UInt8], headers: Bool
    ) -> RecordBatch.Entry {
        func move(_ field: RecordBatch.Field) -> RecordBatch.Field {
            guard field.length >= 0 else { return .null }
            let start = block.count
            block += from[Int(field.start)..<Int(field.start) + Int(field.length)]
            return .init(start: start, length: Int(field.length))
        }
        return .init(
            offset: entry.offset, timestamp: entry.timestamp, key: move(entry.key), value: move(entry.value),
            headers: headers ? move(entry.headers) : .init(start: 0, length: 0), source: 0)
    }

    /// All partitions stand inside the live log: one reader takes them from here.
    private func openLive() async throws(LogError) {
        guard let log = log.live else { return }
        let archive = try self.log.archive()
        var archivedTo: [TopicPartition: Int64] = [:]
        for (source, at) in next {
            guard let last = archive.manifest.ranges(of: source).last, last.to > at else {
                cursors[source] = nil
                continue
            }
            archivedTo[source] = last.to
            // Made anew: the archive may have grown since the cursor looked.
            cursors[source] = ArchiveCursor(archive, of: source, from: at)
            if try await self.log.compacts(source.topic) { compacted.insert(source.topic) }
        }
        live = (try await log.reader(from: next.mapValues { .offset($0) }, options), archivedTo)
    }

    /// What the archive and the log both hold must be the same record for record; only compaction may thin the log.
    private func compare(_ batch: RecordBatch, archivedTo: [TopicPartition: Int64]) throws(LogError) {
        guard !cursors.isEmpty else { return }
        for entry in batch.entries {
            let source = batch.source(of: entry)
            guard let cursor = cursors[source], entry.offset < archivedTo[source] ?? 0 else { continue }
            if compacted.contains(source.topic) {
                while let archived = try cursor.peek(), archived.offset < entry.offset { cursor.advance() }
            }
            guard let archived = try cursor.peek(), same(archived, cursor.block, entry, batch) else {
                throw LogError(
                    .read,
                    .failed(
                        "\(source)/\(entry.offset) is not the record that was archived there: "
                            + "the archive and the log are of different histories"))
            }
            cursor.advance()
        }
        for (source, reached) in batch.next {
            guard let end = archivedTo[source], let cursor = cursors[source] else { continue }
            if !compacted.contains(source.topic), let missing = try cursor.peek(), missing.offset < min(reached, end) {
                throw LogError(
                    .read, .failed("\(source)/\(missing.offset) is in the archive and no longer in the log"))
            }
            if reached >= end { cursors[source] = nil }
        }
    }

    private func same(
        _ archived: RecordBatch.Entry, _ block: [UInt8], _ entry: RecordBatch.Entry, _ batch: RecordBatch
    ) -> Bool {
        func equal(_ left: RecordBatch.Field, _ right: RecordBatch.Field) -> Bool {
            guard left.length >= 0, right.length >= 0 else { return left.length == right.length }
            let start = Int(left.start)
            return batch.copy(of: right).map { $0[...] } == block[start..<start + Int(left.length)]
        }
        return archived.offset == entry.offset && archived.timestamp == entry.timestamp
            && equal(archived.key, entry.key) && equal(archived.value, entry.value)
            && (!options.headers
                || max(entry.headers.length, 0) == archived.headers.length
                    && (archived.headers.length == 0 || equal(archived.headers, entry.headers)))
    }
}
