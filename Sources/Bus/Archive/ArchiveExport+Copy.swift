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
            for entry in batch.entries where entry.offset < range.to {
                if writer == nil {
                    writer = try ArchiveFileWriter(in: archive.folder, of: range.source, first: entry)
                }
                try writer?.append(entry, of: batch)
            }
            moved(min(reached, range.to) - next)
            next = min(reached, range.to)
            guard next == range.to || (writer?.size ?? 0) >= fileBytes else { continue }
            if let full = writer.take() {
                let file = try full.finish()
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
}
