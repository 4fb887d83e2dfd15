public import Core
internal import Digest
internal import Threading

/// Copies a range of a log into an archive's folder, and goes on where the archive ends when it is run again.
///
/// Every file is durable before the manifest names it, and the manifest is replaced whole: whenever the process ends,
/// the archive is what the last manifest says. What an interrupted export left has a temporary name and is written
/// anew.
public actor ArchiveExport {
    private nonisolated let executor = BlockingExecutor("archive.export")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// What to archive of one partition; `nil` stands for where the archive or the log begins, and where it ends.
    public struct Span: Sendable {
        public let source: TopicPartition
        public let from: Int64?
        public let to: Int64?

        public init(_ source: TopicPartition, from: Int64? = nil, to: Int64? = nil) {
            self.source = source
            self.from = from
            self.to = to
        }
    }

    /// What one run did.
    public struct Outcome: Sendable {
        public internal(set) var records: Int64 = 0
        public internal(set) var files: [ArchiveManifest.File] = []
        /// Removed by retention before it was archived: an incident for a person.
        public internal(set) var lost: [ArchiveManifest.Range] = []

        public init() {}
    }

    let log: any EventLog
    let fileBytes: Int64
    private let lock: ArchiveLock
    var archive: Archive

    public init(
        of log: any EventLog, logID: String, into folder: String, fileBytes: Int64 = ArchiveLimits.fileBytes
    ) throws(LogError) {
        self.log = log
        self.fileBytes = fileBytes
        try ArchiveNames.makeFolder(folder)
        lock = try ArchiveLock(folder)
        archive = try Archive.exists(folder) ? Archive(opening: folder) : Archive(creating: folder, logID: logID)
        guard archive.manifest.logID == logID else {
            throw LogError(
                .archive,
                .refused(
                    "\(folder) is an archive of log \(archive.manifest.logID), and this is log \(logID); "
                        + "give each log a folder of its own"))
        }
    }

    public var manifest: ArchiveManifest { archive.manifest }

    public func run(
        _ spans: [Span], progress: @Sendable (ArchiveProgress) -> Void = { _ in }
    ) async throws(LogError) -> Outcome {
        var outcome = Outcome()
        try await run(spans, into: &outcome, progress: progress)
        return outcome
    }

    /// Where it fails half-way, what was done and found lost until then stands in the outcome.
    public func run(
        _ spans: [Span], into outcome: inout Outcome, progress: @Sendable (ArchiveProgress) -> Void = { _ in }
    ) async throws(LogError) {
        let topics = try await log.describe()
        let bounds = try await log.bounds(of: spans.map(\.source))
        var plan: [(range: ArchiveManifest.Range, lost: ArchiveManifest.Range?)] = []
        for span in spans.sorted(by: { $0.source < $1.source }) {
            guard let topic = topics.first(where: { $0.name == span.source.topic }), let held = bounds[span.source]
            else {
                throw LogError(.archive, .unknownPartition(span.source))
            }
            try note(topic)
            try await plan.append(range(of: span, held: held))
        }
        try archive.save()
        var done = ArchiveProgress(total: plan.reduce(0) { $0 + $1.range.to - $1.range.from })
        for (range, lost) in plan {
            if let lost { try tell(lost, in: &outcome) }
            try await copy(range, into: &outcome) { moved in
                done.done += moved
                progress(done)
            }
        }
    }

    /// Before what lies behind it is copied: from then on nobody sees it.
    ///
    /// A copy that failed finds it again, and longer.
    private func tell(_ lost: ArchiveManifest.Range, in outcome: inout Outcome) throws(LogError) {
        let known = archive.manifest.lost.first { $0.source == lost.source && $0.from == lost.from }
        guard known?.to != lost.to else { return }
        archive.manifest.lost.removeAll { $0.source == lost.source && $0.from == lost.from }
        archive.manifest.lost.append(lost)
        try archive.save()
        outcome.lost.append(.init(source: lost.source, from: known?.to ?? lost.from, to: lost.to))
    }

    /// A topic made again under its name is another topic: its offsets mean other records.
    private func note(_ topic: TopicDescription) throws(LogError) {
        if let known = archive.manifest.topic(topic.name)?.identity, let now = topic.identity, known != now {
            throw LogError(
                .archive,
                .refused(
                    "\(topic.name) was deleted and created again since it was archived; archive it into a new folder"))
        }
        archive.manifest.note(
            .init(name: topic.name, partitions: topic.partitions, identity: topic.identity, settings: topic.settings))
    }

    private func range(
        of span: Span, held: Bounds
    ) async throws(LogError) -> (range: ArchiveManifest.Range, lost: ArchiveManifest.Range?) {
        let source = span.source
        var from = span.from ?? held.begin
        var lost: ArchiveManifest.Range?
        if let end = archive.manifest.ranges(of: source).last?.to {
            if let asked = span.from, asked > end {
                throw LogError(
                    .archive,
                    .refused("the archive of \(source) ends at \(end); going on from \(asked) would leave a gap"))
            }
            try await checkContinues(source, end: end, held: held)
            from = end
            if end < held.begin {
                lost = .init(source: source, from: end, to: held.begin)
                from = held.begin
            }
        }
        let to = min(span.to ?? held.end, held.end)
        guard from >= held.begin, from <= held.end else {
            throw LogError(.archive, .positionOutOfRange(source, asked: from, held))
        }
        return (.init(source: source, from: from, to: max(from, to)), lost)
    }

    /// The last archived record must still be what the log holds there, unless retention has taken it since.
    private func checkContinues(_ source: TopicPartition, end: Int64, held: Bounds) async throws(LogError) {
        guard held.end >= end else {
            throw LogError(.archive, .anchorMismatch(source, offset: end - 1))
        }
        guard let last = archive.manifest.files(of: source).last, last.lastOffset >= held.begin else { return }
        let reader = try await log.reader(
            from: [source: .offset(last.lastOffset)], ReadOptions(maximumRecords: 1))
        let outcome = await Result { () async throws(LogError) in
            try await Self.firstRecord(of: reader, source, before: held.end)
        }
        await reader.close()
        let found = try outcome.get()
        // Compaction may have taken the record out of the log; then nothing is left to compare.
        let compacts = archive.manifest.topic(source.topic)?.settings["cleanup.policy"]?.contains("compact") ?? false
        if compacts, found?.1.offset != last.lastOffset { return }
        var bytes: [UInt8] = []
        if let (batch, entry) = found { ArchiveEncoding.append(entry, of: batch, to: &bytes) }
        guard ArchiveFileWriter.text(of: XXH3.hash(bytes)) == last.lastRecord else {
            throw LogError(.archive, .anchorMismatch(source, offset: last.lastOffset))
        }
    }

    private static func firstRecord(
        of reader: any EventReader, _ source: TopicPartition, before end: Int64
    ) async throws(LogError) -> (RecordBatch, RecordBatch.Entry)? {
        let deadline = ContinuousClock.now + ArchiveLimits.stall
        while ContinuousClock.now < deadline {
            let batch = try await reader.next(waiting: .seconds(1))
            if let entry = batch.entries.first { return (batch, entry) }
            if let reached = batch.next[source], reached >= end { return nil }
        }
        return nil
    }
}

extension Result where Failure == LogError {
    /// Catches an asynchronous failure, so that what was opened is closed on every way out.
    init(_ body: () async throws(LogError) -> sending Success) async {
        do throws(LogError) {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
