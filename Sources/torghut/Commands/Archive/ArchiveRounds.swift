import Bus
import Core
import Runtime
import Telemetry
import Threading

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
