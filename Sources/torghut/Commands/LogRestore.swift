import Bus
import Core
import Runtime

/// Puts an archive back into a log.
enum LogRestore {
    static let command = Command(
        "log restore", "restore an archive into an empty log",
        details: """
            Every file is checked against the manifest before a byte is appended. A journal keeps the offsets, and a
            restore that was cut off goes on when it is run again. Kafka gives new offsets: the log gets a new identity
            and a map from old to new beside the manifest; checkpoints made on the old log are refused there.
            """,
        options: [.valued("topic", "TOPIC", "only this topic; may be given more than once", repeats: true)],
        operand: Operand(name: "DIR", summary: "the archive's folder")
    ) { invocation in
        let folder = try invocation.requiredOperand()
        let topics = invocation.values("topic")
        return try await OpenedLog.using(invocation.settings(), to: .administer) { opened in
            let restore = try ArchiveRestore(of: folder, into: opened.log)
            let checking = ProgressLine("checking")
            let restoring = ProgressLine("restoring")
            defer {
                checking.end()
                restoring.end()
            }
            let outcome = try await restore.run(topics: topics.isEmpty ? nil : Set(topics)) {
                checking.show(done: $0.done, of: $0.total)
            } progress: {
                checking.end()
                restoring.show(done: $0.done, of: $0.total)
            }
            restoring.end()
            for lost in await restore.manifest.lost {
                StandardError.line("missing in the archive: \(lost.source) \(lost.from)..<\(lost.to); it is a hole now")
            }
            for topic in outcome.expiring {
                StandardError.line("\(topic): holds records older than its retention; the cluster deletes them")
            }
            var listing = Listing("records", "already_there", "log_id", "map")
            let kept = await restore.manifest.logID
            listing.add(
                .number(outcome.records), .number(outcome.alreadyThere), .text(outcome.map?.newLogID ?? kept),
                outcome.mapPath.map { .text($0) } ?? .none)
            try listing.print(json: invocation.json)
            return .ok
        }
    }
}
