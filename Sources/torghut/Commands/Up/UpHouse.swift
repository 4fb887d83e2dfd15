import Core
import Domain
import OTLP
import Runtime
import Synchronization
import Telemetry
import Threading

/// The roles of the house, all of them in this process, and what they say in a file.
final class UpHouse: Sendable {
    /// So long they may take to end what is in hand: everything ends within five seconds of Ctrl-C.
    static let drainLimit: Duration = .milliseconds(2_500)

    private let task: Task<Void, Never>
    private let outcome = Outcome()

    /// How they ended, for several who wait.
    private final class Outcome: Sendable {
        let value = Mutex<Result<Void, any Error>?>(nil)
        let changes = Arrivals()
    }

    init(_ opened: OpenedLog, _ settings: Settings, _ log: UpLogFile, _ engine: LogWatch, _ registry: Registry) throws {
        let traces = try Run.traces(settings, registry)
        let house = Run.house(settings, opened.log, registry, traces) { log.write($0) }
        let roles: [any Role]
        do throws(SettingsProblems) {
            roles = try RoleCatalog.roles(RoleCatalog.all.map { $0.name.rawValue }, in: house)
        } catch { throw UsageError(problems: error.problems) }
        task = Task { [outcome] in
            let exporting = Task { await traces.exporter?.run() }
            defer { exporting.cancel() }
            let ended: Result<Void, any Error>
            do {
                ended = .success(
                    try await Run.serve(opened, house, roles, engine, nil, Run.Place(), drainLimit: Self.drainLimit))
            } catch { ended = .failure(error) }
            outcome.value.withLock { $0 = ended }
            outcome.changes.wake()
        }
    }

    /// Until a role cannot go on, or all of them were told to stop, or the task is cancelled.
    func ended() async throws {
        while true {
            let seen = outcome.changes.count
            if let ended = outcome.value.withLock({ $0 }) { return try ended.get() }
            try Task.checkCancellation()
            await outcome.changes.wait(after: seen, until: .now + .seconds(60))
        }
    }

    /// Returns when all of them have ended what is in hand.
    func stop() async throws {
        task.cancel()
        await task.value
        try outcome.value.withLock { $0 }?.get()
    }
}
