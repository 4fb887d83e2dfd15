internal import Core

extension ArchiveExport {
    /// Reads one partition's range and writes its files; the manifest is saved after each, so that little is repeated.
    func copy(
        _ range: ArchiveManifest.Range, into outcome: inout Outcome, moved: (Int64) -> Void
    ) async throws(LogError) {
        guard range.from < range.to else {
            archive.manifest.cover(range.source, from: range.from, to: range.to)
            return try archive.save()
        }
        let options = ReadOptions(maximumBytes: Int(min(fileBytes, 8 << 20)))
        let reader = try await log.reader(from: [range.source: .offset(range.from)], options)
        let failure: LogError?
        do throws(LogError) {
            try await copy(range, from: reader, into: &outcome, moved: moved)
            failure = nil
        } catch {
            failure = error
        }
        await reader.close()
        if let failure { throw failure }
    }

    private func copy(
        _ range: ArchiveManifest.Range, from reader: any EventReader, into outcome: inout Outcome,
        moved: (Int64) -> Void
    ) async throws(LogError) {
        var covered = range.from
        var next = range.from
        var writer: ArchiveFileWriter?
        var deadline = ContinuousClock.now + ArchiveLimits.stall
        while next < range.to {
            let batch = try await reader.next(waiting: .seconds(1))
            guard let reached = batch.next[range.source], reached > next else {
                guard ContinuousClock.now < deadline else {
                    throw LogError(.archive, .timedOut("\(range.source) brought nothing at \(next) of \(range.to)"))
                }
                continue
            }
            deadline = ContinuousClock.now + ArchiveLimits.stall
            let size = try Self.write(batch, below: range.to, into: &writer, in: archive.folder)
            moved(min(reached, range.to) - next)
            next = min(reached, range.to)
            guard next == range.to || size >= fileBytes else { continue }
            if let file = try Self.finish(&writer) {
                archive.manifest.files.append(file)
                archive.manifest.files.sort { ($0.source, $0.firstOffset) < ($1.source, $1.firstOffset) }
                outcome.records += file.records
                outcome.files.append(file)
            }
            archive.manifest.cover(range.source, from: covered, to: next)
            try archive.save()
            covered = next
        }
    }

    /// Adds the batch's records to the open file, or to a new one, and says how large it is now.
    private static func write(
        _ batch: RecordBatch, below end: Int64, into writer: inout ArchiveFileWriter?, in folder: String
    ) throws(LogError) -> Int64 {
        for entry in batch.entries where entry.offset < end {
            if writer == nil {
                writer = try .create(in: folder, of: batch.source(of: entry), first: entry)
            }
            try writer?.append(entry, of: batch)
        }
        return writer?.size ?? 0
    }

    private static func finish(_ writer: inout ArchiveFileWriter?) throws(LogError) -> ArchiveManifest.File? {
        guard let full = writer.take() else { return nil }
        return try full.finish()
    }
}
