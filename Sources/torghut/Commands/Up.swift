import Bus
import Core
import Domain
import Runtime

/// Starts what there is: the journal, its socket for other processes, the read models, and a follower that prints.
enum Up {
    static let command = Command(
        "up", "start the log and the read models here, and print what is appended",
        details: """
            Makes the data folder, the journal and the catalog's topics, listens for other processes that append, \
            writes a few heartbeats so that something is seen, and prints every event until Ctrl-C.

            Without TORGHUT_DB_DSN it also makes a PostgreSQL in the data folder, and says where psql finds it; the \
            role projections fills the read models there. All of it ends together.
            """,
        options: [.valued("for", "TIME", "end after this long, like 60s")]
    ) { invocation in
        let settings = try invocation.settings()
        let limit = try invocation.duration("for")
        return try await OpenedLog.using(settings, to: .hold) { opened in
            try await TopicPlan(TopicCatalog.specs, found: opened.log.describe()).apply(to: opened.log)
            StandardError.line("the log is open: \(settings.log)")
            StandardError.line(Doctor.line(dataFolder: settings.dataFolder))
            // SIGINT reaches everybody at a terminal: the database waits for us, we end first.
            let models = try UpReadModels(invocation, opened.log)
            let outcome: Result<Void, any Error>
            do {
                try await Interruption.ends { try await serve(opened, models, limit) }
                outcome = .success(())
            } catch { outcome = .failure(error) }
            StandardError.line("closing")
            try models?.stop()
            try outcome.get()
            return .ok
        }
    }

    private static func serve(_ opened: OpenedLog, _ models: UpReadModels?, _ limit: Duration?) async throws {
        let ended = Task {
            // The read models end by themselves: what they have in hand is committed first.
            try await models?.run()
        }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await Follower(opened.log).run() }
                    group.addTask { try await sample(opened.log) }
                    if let journal = opened.journal { group.addTask { try await LogRetention.keepUp(journal) } }
                    if let models {
                        group.addTask { try await models.tell() }
                        group.addTask { try await ended.value }
                    }
                    if let limit {
                        group.addTask {
                            // Cancelled means that the others have ended first.
                            try await Task.sleep(for: limit)
                            throw CancellationError()
                        }
                    }
                    do { while try await group.next() != nil {} } catch is CancellationError {
                        ended.cancel()
                        group.cancelAll()
                    }
                })
        } catch { outcome = .failure(error) }
        ended.cancel()
        try await ended.value
        try outcome.get()
    }

    /// Heartbeats of this process: the one topic where a word more does not matter.
    private static func sample(_ log: any EventLog) async throws {
        let writer = try await log.writer(named: "torghut.up")
        for number in 1...3 {
            let value = #"{"event_type":"heartbeat","payload":{"role":"up","status":"running","progress":\#(number)}}"#
            try await writer.append(
                Append([
                    NewRecord(topic: TopicCatalog.heartbeats.name, key: Array("up/log".utf8), value: Array(value.utf8))
                ]))
        }
        await writer.close()
        StandardError.line(
            """
            try from a second terminal, in this folder:
              torghut topics list
              echo '\(try UpReadModels.example())' | torghut log append --topic torghut.control.v1
              torghut log read --topic torghut.control.v1
              psql … -c 'TABLE strategies'     (the address is above)
              torghut log stats
            Ctrl-C ends it
            """)
    }
}

/// Prints what is appended to any topic, one short line each.
private struct Follower {
    private static let shownBytes = 120
    private let log: any EventLog

    init(_ log: any EventLog) { self.log = log }

    func run() async throws {
        let sources = try await TopicChoice.partitions([], of: log)
        let starts = Dictionary(uniqueKeysWithValues: sources.map { ($0, ReadStart.end) })
        let reader = try await log.reader(from: starts, ReadOptions(headers: false))
        let failure: (any Error)?
        do {
            while !Task.isCancelled { try print(await reader.next(waiting: .milliseconds(500))) }
            failure = nil
        } catch {
            failure = error
        }
        await reader.close()
        if let failure, !Task.isCancelled { throw failure }
    }

    private func print(_ batch: RecordBatch) throws {
        guard !batch.isEmpty else { return }
        var lines: [UInt8] = []
        for entry in batch.entries {
            lines += Array("\(RecordPosition(batch.source(of: entry), entry.offset))  ".utf8)
            lines += Self.shown(batch.copy(of: entry.key)) + Array("  ".utf8) + Self.shown(batch.copy(of: entry.value))
            lines.append(UInt8(ascii: "\n"))
        }
        try StandardOutput().write(lines)
    }

    /// Text as it is, cut short, without control characters that would confuse a terminal.
    private static func shown(_ bytes: [UInt8]?) -> [UInt8] {
        guard let bytes else { return Array("null".utf8) }
        let text = String(decoding: bytes.prefix(shownBytes), as: UTF8.self)
            .map { $0.isASCII && ($0.asciiValue ?? 0) < 0x20 ? " " : $0 }
        return Array((String(text) + (bytes.count > shownBytes ? "…" : "")).utf8)
    }
}
