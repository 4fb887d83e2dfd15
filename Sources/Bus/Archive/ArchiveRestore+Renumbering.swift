internal import Core

extension ArchiveRestore {
    /// The writer of a restore into an engine that numbers records itself.
    private static let writerName = "torghut.restore"

    /// Restores into an engine that gives its own offsets: only into empty topics, under a new identity of the log.
    func renumber(
        _ sources: [TopicPartition], _ held: [TopicPartition: Bounds], total: Int64,
        _ progress: @Sendable (ArchiveProgress) -> Void
    ) async throws(LogError) -> Outcome {
        for source in sources {
            guard let bounds = held[source] else { throw LogError(.restore, .unknownPartition(source)) }
            guard bounds.begin == bounds.end else {
                throw LogError(
                    .restore,
                    .refused(
                        "\(source) holds records already (\(bounds.begin)..<\(bounds.end)), perhaps of a restore that "
                            + "was cut off; delete the topic, or restore into an empty cluster"))
            }
        }
        var outcome = Outcome()
        var map = RestoreMap(oldLogID: archive.manifest.logID, newLogID: Self.newLogID())
        let writer = try await log.writer(named: Self.writerName)
        let failure: LogError?
        do throws(LogError) {
            for source in sources {
                try await append(source, through: writer, total: total, into: &outcome, &map, progress)
            }
            failure = nil
        } catch {
            failure = error
        }
        await writer.close()
        if let failure { throw failure }
        let name = "restore-map-\(map.newLogID).json"
        try ArchiveNames.writeWhole(map.encoded(), to: "\(archive.folder)/\(name)")
        archive.manifest.restored.append(.init(logID: map.newLogID, map: name))
        try archive.save()
        outcome.map = map
        outcome.mapPath = "\(archive.folder)/\(name)"
        return outcome
    }

    private func append(
        _ source: TopicPartition, through writer: any EventWriter, total: Int64, into outcome: inout Outcome,
        _ map: inout RestoreMap, _ progress: @Sendable (ArchiveProgress) -> Void
    ) async throws(LogError) {
        let cursor = ArchiveCursor(archive, of: source, from: 0)
        while true {
            let chunk = try Self.chunk(from: cursor, of: source)
            if chunk.isEmpty { return }
            let records = chunk.map {
                NewRecord(
                    topic: source.topic, partition: source.partition, key: $0.key, value: $0.value,
                    headers: $0.headers, timestamp: $0.timestamp)
            }
            let positions = try await writer.append(Append(records))
            for (old, new) in zip(chunk, positions) { map.note(old.position, became: new.offset) }
            outcome.records += Int64(chunk.count)
            var shown = ArchiveProgress(total: total)
            shown.done = outcome.records
            progress(shown)
        }
    }

    /// Random, because the same archive may be restored twice, and these are two logs.
    private static func newLogID() -> String {
        ArchiveManifest.hexadecimal((0..<16).map { _ in UInt8.random(in: .min ... .max) })
    }
}
