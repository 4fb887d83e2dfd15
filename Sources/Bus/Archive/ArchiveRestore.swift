public import Core
internal import Threading

/// Puts an archive back into a log: with its offsets where the engine can keep them, renumbered where it cannot.
///
/// Every file is checked against the manifest, and every target against what it may hold, before a byte is appended.
public actor ArchiveRestore {
    private nonisolated let executor = BlockingExecutor("archive.restore")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    public struct Outcome: Sendable {
        public internal(set) var records: Int64 = 0
        /// Records that an earlier, interrupted restore had put there.
        public internal(set) var alreadyThere: Int64 = 0
        /// Only where offsets were renumbered.
        public internal(set) var map: RestoreMap?
        public internal(set) var mapPath: String?
        /// Topics with records older than the topic keeps them: the cluster deletes those at once.
        ///
        /// Only where offsets were renumbered.
        public internal(set) var expiring: [String] = []
    }

    let log: any EventLog
    var archive: Archive
    private let lock: ArchiveLock

    public init(of folder: String, into log: any EventLog) throws(LogError) {
        archive = try Archive(opening: folder)
        lock = try ArchiveLock(folder)
        self.log = log
    }

    public var manifest: ArchiveManifest { archive.manifest }

    /// Restores these topics, or all.
    ///
    /// `checked` and `progress` follow the check and the copying.
    public func run(
        topics wanted: Set<String>? = nil, checked: @Sendable (ArchiveProgress) -> Void = { _ in },
        progress: @Sendable (ArchiveProgress) -> Void = { _ in }
    ) async throws(LogError) -> Outcome {
        if let missing = wanted?.sorted().first(where: { archive.manifest.topic($0) == nil }) {
            throw LogError(.restore, .refused("the archive holds no topic '\(missing)'"))
        }
        let sources = archive.manifest.sources.filter { wanted?.contains($0.topic) ?? true }
        let files = archive.manifest.files.filter { wanted?.contains($0.source.topic) ?? true }
        try archive.verify(files, progress: checked)
        try await makeTopics(archive.manifest.topics.filter { wanted?.contains($0.name) ?? true })
        let held = try await log.bounds(of: sources)
        let total = files.reduce(0) { $0 + $1.records }
        guard let keeping = log as? any OffsetKeepingLog else {
            return try await renumber(sources, held, total: total, progress)
        }
        return try await keep(sources, held, in: keeping, total: total, progress)
    }

    /// Makes what is missing; what is there must have room for every partition.
    private func makeTopics(_ topics: [ArchiveManifest.Topic]) async throws(LogError) {
        let existing = try await log.describe()
        var missing: [TopicSpec] = []
        for topic in topics {
            guard let now = existing.first(where: { $0.name == topic.name }) else {
                missing.append(topic.spec)
                continue
            }
            guard now.partitions == topic.partitions else {
                throw LogError(
                    .restore,
                    .refused(
                        "\(topic.name) has \(now.partitions) partitions here and \(topic.partitions) in the archive"))
            }
        }
        if !missing.isEmpty { try await log.create(missing) }
    }
}

extension ArchiveManifest.Topic {
    /// The topic as a restore makes it again.
    var spec: TopicSpec {
        let retention = settings["retention.ms"].flatMap { Int64($0) } ?? -1
        let cleanup = settings["cleanup.policy"].map { $0.split(separator: ",").sorted().joined(separator: ",") }
        return TopicSpec(
            name: name, partitions: partitions, retentionMilliseconds: retention < 0 ? nil : retention,
            cleanup: cleanup.flatMap { TopicSpec.Cleanup(rawValue: $0) } ?? .delete)
    }
}
