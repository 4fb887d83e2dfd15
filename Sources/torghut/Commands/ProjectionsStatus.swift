import Core
import Postgres
import Projections
import Runtime
import Threading

/// How far each projection is, whose it is, and whether anybody moves it.
enum ProjectionsStatus {
    static let command = Command(
        "projections status", "how far each partition of each read model is",
        details: """
            For each partition: where the log ends and how far it is folded (of each input, as folded/end), the lag, \
            the age of the oldest record that is not folded, owner and epoch, the last commit, the state root, parked \
            keys and records that wait behind them.

            idle: everything is folded. moving: behind, and its owner gets on. stuck: behind, and nobody moves it. \
            aside: a version that readers do not see. Before something is called stuck it is looked at twice.
            """,
        options: [
            .switched("watch", "look again and again, until Ctrl-C"),
            .valued("every", "TIME", "with --watch: time between looks, default 2s"),
        ],
        answerNo: "a partition is behind and nobody moves it; each is named"
    ) { invocation in
        let settings = try invocation.settings()
        let database = try invocation.database(settings)
        let every = try invocation.duration("every") ?? .seconds(2)
        guard invocation.has("watch") || !invocation.has("every") else {
            throw UsageError("--every belongs to --watch")
        }
        return try await OpenedLog.using(settings, to: .inspect) { opened in
            let status = ProjectionStatus(log: opened.log, database: database, ReadModels.all)
            guard invocation.has("watch") else { return try await show(status, json: invocation.json) }
            let last = LastCode()
            try await Interruption.ends {
                while !Task.isCancelled {
                    // A terminal shows one look at a time.
                    if StandardOutput.isTerminal, !invocation.json { try StandardOutput().line("\u{1B}[H\u{1B}[2J") }
                    await last.set(try await show(status, json: invocation.json))
                    do { try await Task.sleep(for: every) } catch { return }
                }
            }
            return await last.code
        }
    }

    private actor LastCode {
        private(set) var code = ExitCode.ok
        func set(_ code: ExitCode) { self.code = code }
    }

    private static func show(_ status: ProjectionStatus, json: Bool) async throws -> ExitCode {
        let time = SystemTime()
        let units = try await status.look(at: time)
        let report = StatusReport(units, at: time.now())
        try report.print(json: json)
        return report.isHealthy ? .ok : .no
    }
}

extension Invocation {
    /// The database, or everything that is wrong with its settings.
    func database(_ settings: Settings) throws(UsageError) -> PostgresSettings {
        do { return try settings.database() } catch { throw UsageError(problems: error.problems) }
    }
}
