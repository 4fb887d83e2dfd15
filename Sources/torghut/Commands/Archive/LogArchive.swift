import Bus
import Core
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
            cannot be archived is named each round, and holds up no other. Records that retention removed before they
            could be archived are an incident: named on standard error and in the manifest, and in exit code 3.
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
