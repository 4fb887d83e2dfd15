internal import Core

extension ArchiveRestore {
    /// Restores into an engine that keeps offsets; a restore that was cut off goes on where it ended.
    func keep(
        _ sources: [TopicPartition], _ held: [TopicPartition: Bounds], in log: any OffsetKeepingLog, total: Int64,
        _ progress: @Sendable (ArchiveProgress) -> Void
    ) async throws(LogError) -> Outcome {
        for source in sources { try await checkTarget(source, held[source]) }
        var outcome = Outcome()
        var shown = ArchiveProgress(total: total)
        for source in sources {
            guard let bounds = held[source], let range = whole(source) else { continue }
            var at = bounds.end
            if bounds.begin == bounds.end, bounds.end < range.from {
                try await log.begin(source, at: range.from)
                at = range.from
            }
            let skipped = archive.manifest.files(of: source).filter { $0.lastOffset < at }
            outcome.alreadyThere += skipped.reduce(0) { $0 + $1.records }
            shown.done += skipped.reduce(0) { $0 + $1.records }
            let cursor = ArchiveCursor(archive, of: source, from: at)
            while at < range.to {
                let chunk = try Self.chunk(from: cursor, of: source)
                at = chunk.last.map { $0.position.offset + 1 } ?? range.to
                if try cursor.peek() == nil { at = range.to }
                try await log.restore(chunk, next: [source: at])
                outcome.records += Int64(chunk.count)
                shown.done += Int64(chunk.count)
                progress(shown)
            }
        }
        return outcome
    }

    /// First and last offset of all that is archived of a partition; what was lost in between becomes a hole.
    private func whole(_ source: TopicPartition) -> ArchiveManifest.Range? {
        let ranges = archive.manifest.ranges(of: source)
        guard let first = ranges.first, let last = ranges.last else { return nil }
        return .init(source: source, from: first.from, to: last.to)
    }

    /// A target is empty, or it is this archive's own beginning.
    private func checkTarget(_ source: TopicPartition, _ held: Bounds?) async throws(LogError) {
        guard let held, let range = whole(source) else { throw LogError(.restore, .unknownPartition(source)) }
        if held.begin == 0, held.end == 0 { return }
        guard held.begin == range.from, held.end >= range.from, held.end <= range.to else {
            throw LogError(
                .restore,
                .refused(
                    "\(source) already holds \(held.begin)..<\(held.end), which is not a beginning of the archive's "
                        + "\(range.from)..<\(range.to); restore into an empty log"))
        }
        guard held.end > held.begin else { return }
        guard try await endsAlike(source, held) else {
            throw LogError(
                .restore,
                .refused("\(source) holds other records than the archive up to \(held.end); restore into an empty log"))
        }
    }

    /// Whether the last record in the target is the archive's record at that place.
    private func endsAlike(_ source: TopicPartition, _ held: Bounds) async throws(LogError) -> Bool {
        let start = archive.manifest.files(of: source).last { $0.firstOffset < held.end }?.firstOffset ?? held.begin
        let cursor = ArchiveCursor(archive, of: source, from: start)
        var archived: Record?
        while let entry = try cursor.peek(), entry.offset < held.end {
            archived = cursor.record(entry, of: source)
            cursor.advance()
        }
        let reader = try await log.reader(
            from: [source: .offset(archived?.position.offset ?? held.begin)], ReadOptions(maximumRecords: 1))
        let batch = await Result { () async throws(LogError) in try await reader.next(waiting: .seconds(5)) }
        await reader.close()
        let found = try batch.get()
        return (found.isEmpty ? nil : found.record(at: 0)) == archived
    }

    /// The next records within the limits of one append.
    static func chunk(from cursor: ArchiveCursor, of source: TopicPartition) throws(LogError) -> [Record] {
        var records: [Record] = []
        var bytes = 0
        while let entry = try cursor.peek(), records.count < ArchiveLimits.restoreRecords,
            bytes < ArchiveLimits.restoreBytes
        {
            records.append(cursor.record(entry, of: source))
            bytes += Int(max(entry.key.length, 0)) + Int(max(entry.value.length, 0)) + Int(entry.headers.length)
            cursor.advance()
        }
        return records
    }
}
