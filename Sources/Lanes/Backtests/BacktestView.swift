public import Core
internal import Domain
internal import Folding

extension BacktestBook {
    /// Where it is said: every partition of its topics.
    public static var sources: [TopicPartition] {
        topics.flatMap { topic in (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) } }
    }

    /// Reads all of it, to what is the end when this begins.
    public static func read(_ log: any EventLog) async throws(LogError) -> BacktestBook {
        let follower = try await LogFollower.open(log, sources, reading: { EventReading(wanting: types) })
        var book = BacktestBook()
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            while !follower.isCaughtUp {
                for record in try await follower.next(waiting: .milliseconds(200)) {
                    if case .fact(let event) = record.content { book.fold(event) }
                }
                if Task.isCancelled { throw LogError(.read, .timedOut("cancelled before the end of backtests")) }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
        return book
    }
}
