import Bus
import Core
import Journal
import Runtime
import Threading

/// Lets go of what topics no longer keep; on Kafka the cluster does it by itself.
enum LogRetention {
    static let command = Command(
        "log retention", "remove from a journal what its topics no longer keep",
        details: """
            Removes records older or more than their topic keeps (retention.ms, retention.bytes), and gives their
            space back. 'torghut up' does it every \(LogRetention.pause.components.seconds) s. Archive first what must \
            not be lost: 'log archive --follow'.
            """
    ) { invocation in
        let settings = try invocation.settings()
        guard case .journal = settings.log else { throw UsageError("log retention is for a journal") }
        return try await OpenedLog.using(settings, to: .append) { opened in
            guard let journal = opened.journal else { throw UsageError("log retention is for a journal") }
            let report = try await apply(to: journal)
            var listing = Listing("topic", "partition", "begin")
            for (source, begin) in report.moved.sorted(by: { $0.key < $1.key }) {
                listing.add(.text(source.topic), .number(Int64(source.partition)), .number(begin))
            }
            if invocation.json || !report.moved.isEmpty { try listing.print(json: invocation.json) }
            StandardError.line(
                "\(report.moved.count) partitions begin later; \(report.deletedSegments) segments deleted, "
                    + "\(report.rewrittenSegments) written anew, \(report.freedBytes) bytes freed")
            return .ok
        }
    }

    /// Time between two rounds of a process that holds the journal.
    static let pause = Duration.seconds(60)

    static func apply(to log: JournalLog) async throws -> JournalRetention {
        let now = SystemTime().now().nanoseconds / 1_000_000
        return try await log.hold().applyRetention(now: now)
    }

    /// Rounds until the task is cancelled.
    static func keepUp(_ log: JournalLog) async throws {
        while true {
            try await Task.sleep(for: pause)
            _ = try await apply(to: log)
        }
    }
}
