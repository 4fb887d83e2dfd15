internal import Core
internal import Domain
internal import Journal
internal import Postgres

/// What every role does before it works.
extension House {
    /// Tells this log from every other; the journal has to be there.
    func logIdentity() async throws(LogError) -> String {
        switch settings.log {
        case .journal(let folder): try await JournalView.take(folder).identity
        case .kafka(let servers): settings.logID ?? "kafka:\(servers)"
        case .archive(let folder): folder
        }
    }

    /// Makes the catalog's topics that are missing.
    func makeTopics() async throws(LogError) {
        let missing = try await missingTopics()
        guard !missing.isEmpty else { return }
        do throws(LogError) { try await log.create(missing) } catch {
            // Another role or process made them meanwhile: whoever is second is refused.
            guard try await missingTopics().isEmpty else { throw error }
        }
    }

    private func missingTopics() async throws(LogError) -> [TopicSpec] {
        let found = Set(try await log.describe().map(\.name))
        return TopicCatalog.specs.filter { !found.contains($0.name) }
    }

    /// Repeats what failed because something is away, until it is there or the task is cancelled.
    func patiently<Answer>(
        for role: RoleName, part: String = "", _ body: () async throws -> Answer
    ) async throws -> Answer {
        var pause: Duration = .milliseconds(100)
        while true {
            do { return try await body() } catch let error as PostgresError where error.disposition == .retry {
                board.failed(role, error)
                board.set(role, part: part, .leaderNotStarted, error.description)
            } catch let error as LogError where error.disposition == .retry {
                board.failed(role, error)
                board.set(role, part: part, .leaderNotStarted, error.description)
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
        }
    }
}
