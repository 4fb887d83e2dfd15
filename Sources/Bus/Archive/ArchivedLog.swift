public import Core

/// An archive read as a log: alone, or in front of the live log it was made from.
///
/// Records before the live log's first come from the archive. The seam is checked: there must be no gap, and what
/// both hold must be the same, which the reader compares record by record while it passes. Everything that writes
/// goes to the live log.
public final class ArchivedLog: EventLog {
    let live: (any EventLog)?
    private let folder: String

    /// An archive without its log: it can be read, and nothing else.
    public init(reading folder: String) throws(LogError) {
        live = nil
        self.folder = folder
        _ = try Archive(opening: folder)
    }

    /// The archive in front of the log with this identity; refused when it was made from another.
    public init(_ folder: String, inFrontOf live: any EventLog, logID: String) async throws(LogError) {
        self.live = live
        self.folder = folder
        let archive = try Archive(opening: folder)
        guard archive.manifest.logID == logID else {
            throw LogError(
                .open, .refused("\(folder) is an archive of log \(archive.manifest.logID), and the log is \(logID)"))
        }
        let topics = try await live.describe()
        for topic in archive.manifest.topics {
            guard let now = topics.first(where: { $0.name == topic.name }) else {
                throw LogError(.open, .unknownTopic(topic.name))
            }
            guard topic.identity == nil || now.identity == nil || topic.identity == now.identity else {
                throw LogError(
                    .open, .refused("\(topic.name) was deleted and created again since it was archived"))
            }
        }
        _ = try await bounds(of: archive.manifest.sources)
    }

    /// The manifest as it is now: a following archiver extends it.
    func archive() throws(LogError) -> Archive { try Archive(opening: folder) }

    public func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds] {
        let manifest = try archive().manifest
        let held = try await live?.bounds(of: partitions) ?? [:]
        var bounds: [TopicPartition: Bounds] = [:]
        for source in partitions {
            let ranges = manifest.ranges(of: source)
            guard let first = ranges.first, let last = ranges.last else {
                guard live != nil else { throw LogError(.position, .unknownPartition(source)) }
                bounds[source] = held[source]
                continue
            }
            if let now = held[source] { try Self.checkSeam(source, archivedTo: last.to, now) }
            bounds[source] = Bounds(begin: first.from, end: held[source]?.end ?? last.to)
        }
        return bounds
    }

    /// Refuses a gap between the archive and the log, and a log that ends before its archive does.
    static func checkSeam(_ source: TopicPartition, archivedTo end: Int64, _ held: Bounds) throws(LogError) {
        guard end >= held.begin else { throw gap(source, end, held.begin) }
        guard end <= held.end else { throw LogError(.read, .anchorMismatch(source, offset: end - 1)) }
    }

    static func gap(_ source: TopicPartition, _ from: Int64, _ to: Int64) -> LogError {
        LogError(
            .read, .failed("\(source) has a gap: offsets \(from)..<\(to) are neither in the archive nor in the log"))
    }

    public func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader {
        let resolution = StartResolution(
            bounds: try await bounds(of: Array(starts.keys)),
            firstRecord: { (position) throws(LogError) in try await self.firstRecord(from: position) },
            compacts: { (topic) throws(LogError) in try await self.compacts(topic) })
        let offsets = try await resolution.offsets(for: starts)
        return ArchivedReader(of: self, from: offsets, options)
    }

    private func firstRecord(from position: RecordPosition) async throws(LogError) -> Record? {
        let archive = try archive()
        let cursor = ArchiveCursor(archive, of: position.source, from: position.offset)
        if let entry = try cursor.peek() { return cursor.record(entry, of: position.source) }
        guard let live, let held = try await live.bounds(of: [position.source])[position.source],
            position.offset < held.end
        else { return nil }
        let reader = try await live.reader(
            from: [position.source: .offset(max(position.offset, held.begin))], ReadOptions(maximumRecords: 1))
        let batch = await Result { () async throws(LogError) in try await reader.next(waiting: .seconds(5)) }
        await reader.close()
        let found = try batch.get()
        return found.isEmpty ? nil : found.record(at: 0)
    }

    func compacts(_ topic: String) async throws(LogError) -> Bool {
        try await describe().first { $0.name == topic }?.settings["cleanup.policy"]?.contains("compact") ?? false
    }
}

extension ArchivedLog {
    public func describe() async throws(LogError) -> [TopicDescription] {
        if let live { return try await live.describe() }
        return try archive().manifest.topics.map {
            TopicDescription(name: $0.name, partitions: $0.partitions, identity: $0.identity, settings: $0.settings)
        }
    }

    public func create(_ topics: [TopicSpec]) async throws(LogError) { try await writable(.create).create(topics) }
    public func adjust(_ topic: TopicSpec) async throws(LogError) { try await writable(.adjust).adjust(topic) }
    public func delete(_ topic: String) async throws(LogError) { try await writable(.delete).delete(topic) }

    public func writer(named name: String) async throws(LogError) -> any EventWriter {
        try await writable(.append).writer(named: name)
    }

    public func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) async throws(LogError) -> [TopicPartition: ConsumerPosition] {
        try await live?.positions(of: consumer, in: partitions) ?? [:]
    }

    public func join(group: String, sharing topic: String) async throws(LogError) -> any Membership {
        try await writable(.join).join(group: group, sharing: topic)
    }

    public func close() async { await live?.close() }

    private func writable(_ operation: LogError.Operation) throws(LogError) -> any EventLog {
        guard let live else { throw LogError(operation, .refused("an archive without its log is only read")) }
        return live
    }
}
