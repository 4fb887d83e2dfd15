internal import Core
internal import Threading

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
        let oldest = try oldestTimes(of: sources)
        var outcome = Outcome()
        outcome.expiring = try await expiring(oldest)
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

    /// The oldest time in each topic.
    ///
    /// Looks at every record before the first is appended: one that the target would refuse in the middle would
    /// leave a restore that cannot go on.
    private func oldestTimes(of sources: [TopicPartition]) throws(LogError) -> [String: Int64] {
        var oldest: [String: Int64] = [:]
        for source in sources {
            let cursor = ArchiveCursor(archive, of: source, from: 0)
            while let entry = try cursor.peek() {
                guard entry.timestamp > 0 else {
                    throw LogError(
                        .restore,
                        .refused(
                            "\(RecordPosition(source, entry.offset)) has the timestamp \(entry.timestamp), which is not "
                                + "after 1970, and an engine that numbers records itself cannot keep it"))
                }
                oldest[source.topic] = min(oldest[source.topic] ?? .max, entry.timestamp)
                cursor.advance()
            }
        }
        return oldest
    }

    /// Topics whose oldest record the target's own retention has outlived.
    private func expiring(_ oldest: [String: Int64]) async throws(LogError) -> [String] {
        let now = SystemTime().now().milliseconds
        return try await log.describe().filter { topic in
            guard let time = oldest[topic.name] else { return false }
            let archived = archive.manifest.topic(topic.name)?.settings ?? [:]
            let settings = archived.merging(topic.settings) { $1 }
            guard settings["cleanup.policy"]?.contains("delete") ?? true,
                let retention = settings["retention.ms"].flatMap({ Int64($0) }), retention >= 0
            else { return false }
            return now - time > retention
        }
        .map(\.name).sorted()
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
