import Core
import Domain
import Folding
import Threading

/// Reads what the shadow lane said, from the log: no database is needed.
enum ShadowReading {
    static let window = CommandOption.valued("lookback-hours", "N", "only the last N hours, 1 to 8760")

    static func read(_ log: any EventLog) async throws(LogError) -> (outcomes: ShadowOutcomes, unread: [Unreadable]) {
        let topic = TopicCatalog.leanShadow
        let sources = (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        let follower = try await LogFollower.open(log, sources) { EventReading(wanting: ShadowOutcomes.wanted) }
        var outcomes = ShadowOutcomes()
        var unread: [Unreadable] = []
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            while !follower.isCaughtUp, !Task.isCancelled {
                for record in try await follower.next(waiting: .milliseconds(200)) {
                    switch record.content {
                    case .fact(let event): outcomes.fold(event)
                    case .unreadable(let fault): unread.append(fault)
                    }
                }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
        return (outcomes, unread)
    }

    /// From when on intents count; `unset` hours where nobody says.
    static func start(_ invocation: Invocation, unset: Int64?) throws(UsageError) -> (from: Timestamp, hours: Int64?) {
        var hours = unset
        if let text = invocation.value("lookback-hours") {
            guard let given = Int64(text), (1...8_760).contains(given) else {
                throw UsageError("--lookback-hours is a number from 1 to 8760, not '\(text)'")
            }
            hours = given
        }
        guard let hours else { return (.earliest, nil) }
        return (SystemTime().now().advanced(by: .zero - .seconds(hours * 3_600)) ?? .earliest, hours)
    }
}
