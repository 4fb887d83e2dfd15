import Bus
import Core
import Domain
import Runtime
import Telemetry
import Threading

/// Copies a range of the log into an archive, once or again and again.
enum LogArchive {
    static let command = Command(
        "log archive", "export topics to an archive of LZ4 files",
        details: """
            The archive is made, or gone on with where it ends. Every file is durable before the manifest names it;
            whenever the command is cut off, the next run goes on.

            With --follow it comes back again and again, at least four times in the shortest retention, until Ctrl-C,
            and takes every topic of the catalog that is not kept forever; others are named with --topic. A topic that
            cannot be archived is named each round, and holds up no other. Records that retention removed before they could be
            archived are an incident: named on standard error and in the manifest, and in exit code 3.
            """,
        options: [
            .valued("topic", "TOPIC", "only this topic; may be given more than once", repeats: true),
            .valued("partition", "P", "only this partition; with one --topic"),
            .valued("from", "OFFSET", "first offset of a new archive; with one --topic"),
            .valued("to", "OFFSET", "stop before this offset; with one --topic"),
            .switched("follow", "keep archiving, ahead of retention"),
            .switched("once", "with --follow: one round, for a check by exit code"),
            .valued("every", "TIME", "with --follow: time between rounds, default 10m"),
            .valued(
                "metrics-port", "N", "with --follow: answer /metrics there; 0 is a free port, said on standard error"),
            .valued("metrics-host", "IP", "with --metrics-port: instead of 127.0.0.1; figures are all that is told"),
            .valued(
                "file-bytes", "N", "close a file at this many compressed bytes, default \(ArchiveLimits.fileBytes)"),
        ],
        operand: Operand(name: "DIR", summary: "the archive's folder"),
        answerNo: "retention had removed records before they were archived; each range is named"
    ) { invocation in
        let folder = try invocation.requiredOperand()
        let size = try invocation.integer("file-bytes", atLeast: 1) ?? ArchiveLimits.fileBytes
        let selection = try ArchiveSelection(invocation)
        let every = try invocation.duration("every") ?? .seconds(600)
        guard
            invocation.has("follow")
                || !["once", "every", "metrics-port", "metrics-host"].contains(where: invocation.has)
        else { throw UsageError("--once, --every and --metrics-port belong to --follow") }
        return try await OpenedLog.using(invocation.settings(), to: .read) { opened in
            let export = try ArchiveExport(of: opened.log, logID: opened.identity, into: folder, fileBytes: size)
            let follows = invocation.has("follow") && !invocation.has("once")
            let port = follows ? try port(invocation, archive: folder) : nil
            let rounds = ArchiveRounds(export, opened.log, selection, port, json: invocation.json)
            guard follows else { return try await rounds.round(following: invocation.has("follow")) ? .no : .ok }
            try await Interruption.ends { try await rounds.follow(every: every) }
            await port?.stop()
            return await rounds.hasLost ? .no : .ok
        }
    }
}

extension LogArchive {
    private static func port(_ invocation: Invocation, archive folder: String) throws -> ArchivePort? {
        guard let text = invocation.value("metrics-port") else { return nil }
        guard let number = UInt16(text) else {
            throw UsageError("--metrics-port is a port from 0 to 65535, not '\(text)'")
        }
        let host = invocation.value("metrics-host") ?? "127.0.0.1"
        let port = try ArchivePort(
            host: host, port: number, archive: folder, kafka: try invocation.settings().kafkaProperties,
            time: SystemTime())
        StandardError.line("metrics on http://\(host):\(port.port)/metrics")
        return port
    }
}

/// Which partitions, and what of them.
struct ArchiveSelection: Sendable {
    private let topics: [String]
    private let partition: Int32?
    private let from: Int64?
    private let to: Int64?

    init(_ invocation: Invocation) throws(UsageError) {
        topics = invocation.values("topic")
        partition = try invocation.integer("partition").map { Int32(clamping: $0) }
        from = try invocation.integer("from")
        to = try invocation.integer("to")
        guard topics.count == 1 || (partition == nil && from == nil && to == nil) else {
            throw UsageError("--partition, --from and --to need exactly one --topic")
        }
        guard !invocation.has("follow") || to == nil else { throw UsageError("--follow has no end: leave --to out") }
    }

    /// Without a topic: all of them, or when following all that are not kept forever.
    func spans(of log: any EventLog, following: Bool) async throws -> [ArchiveExport.Span] {
        var sources = try await TopicChoice.partitions(topics, of: log)
        if topics.isEmpty, following { sources = try await schedule(of: log).sources }
        if let partition {
            sources = sources.filter { $0.partition == partition }
            guard !sources.isEmpty else {
                throw LogError(.archive, .unknownPartition(TopicPartition(topics[0], partition)))
            }
        }
        return sources.map { ArchiveExport.Span($0, from: from, to: to) }
    }

    /// What was asked for, or else is ours among the topics: on a cluster there are others.
    func schedule(of log: any EventLog) async throws(LogError) -> ArchiveSchedule {
        let ours = Set(topics.isEmpty ? TopicCatalog.all.map(\.name) : topics)
        return ArchiveSchedule(for: try await log.describe().filter { ours.contains($0.name) })
    }
}

/// Runs the export, and is loud about what it could not save.
actor ArchiveRounds {
    private let export: ArchiveExport
    private let log: any EventLog
    private let selection: ArchiveSelection
    private let port: ArchivePort?
    private let json: Bool
    private let logbook = Logbook(time: SystemTime()) { StandardError.raw(String(decoding: $0, as: UTF8.self)) }
    private(set) var hasLost = false

    init(
        _ export: ArchiveExport, _ log: any EventLog, _ selection: ArchiveSelection, _ port: ArchivePort?, json: Bool
    ) {
        self.export = export
        self.log = log
        self.selection = selection
        self.port = port
        self.json = json
    }

    /// One round; says whether something had been lost.
    ///
    /// Who goes on afterwards bears with topics that failed.
    func round(following: Bool, goesOn: Bool = false) async throws -> Bool {
        let spans = try await selection.spans(of: log, following: following)
        if following, spans.isEmpty {
            StandardError.line("every topic is kept forever: there is nothing to be ahead of")
        }
        let progress = ProgressLine("archiving")
        defer { progress.end() }
        let (done, failures) = try await archive(following ? Self.byTopic(spans) : [spans], progress)
        progress.end()
        let lost = done.lost.reduce(0) { $0 + $1.to - $1.from }
        port?.ended(records: done.records, lost: lost, failing: failures.count)
        var listing = Listing("file", "topic", "partition", "first_offset", "last_offset", "records", "bytes")
        for file in done.files {
            listing.add(
                .text(file.path), .text(file.source.topic), .number(Int64(file.source.partition)),
                .number(file.firstOffset), .number(file.lastOffset), .number(file.records), .number(file.bytes))
        }
        if json || !done.files.isEmpty { try listing.print(json: json) }
        StandardError.line("archived \(done.records) records in \(done.files.count) files")
        for lost in done.lost { tell(lost) }
        if let failure = failures.first, !goesOn { throw failure }
        return !done.lost.isEmpty
    }

    private func tell(_ lost: ArchiveManifest.Range) {
        hasLost = true
        logbook.error(
            "archive_lost_records",
            [
                "topic": .text(lost.source.topic), "partition": .integer(Int(lost.source.partition)),
                "from": .integer(lost.from), "to": .integer(lost.to),
            ])
        StandardError.line(
            "INCIDENT: \(lost.source) \(lost.from)..<\(lost.to) was removed by retention before it was archived; "
                + "it is gone. Archive more often, or keep the topic longer.")
    }

    /// A part that cannot be archived holds up no other; when none could be, the round has failed.
    private func archive(
        _ parts: [[ArchiveExport.Span]], _ progress: ProgressLine
    ) async throws -> (done: ArchiveExport.Outcome, failures: [LogError]) {
        var done = ArchiveExport.Outcome()
        var failures: [LogError] = []
        for part in parts {
            do {
                try await export.run(part, into: &done) { progress.show(done: $0.done, of: $0.total) }
            } catch {
                failures.append(error)
                // What was found lost is told all the same.
                if failures.count == parts.count || Task.isCancelled {
                    for lost in done.lost { tell(lost) }
                    throw error
                }
                let topic = part.first?.source.topic ?? ""
                logbook.error("archive_topic_failed", ["topic": .text(topic), "why": .text(error.description)])
            }
        }
        return (done, failures)
    }

    private static func byTopic(_ spans: [ArchiveExport.Span]) -> [[ArchiveExport.Span]] {
        Dictionary(grouping: spans, by: \.source.topic).sorted { $0.key < $1.key }.map(\.value)
    }

    func follow(every: Duration) async throws {
        while !Task.isCancelled {
            _ = try await round(following: true, goesOn: true)
            let interval = try await selection.schedule(of: log).interval(asked: every)
            port?.waits(interval)
            do { try await Task.sleep(for: interval) } catch { return }
        }
    }
}
