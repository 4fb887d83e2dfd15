import Core
import Domain
import Folding

/// Reads every discrepancy from the log: no database is needed.
enum DiscrepancyReading {
    static func read(_ log: any EventLog) async throws(LogError) -> (history: DiscrepancyHistory, unread: [Unreadable])
    {
        let topic = TopicCatalog.orderEvents
        let sources = (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        let follower = try await LogFollower.open(log, sources) { EventReading(wanting: DiscrepancyHistory.wanted) }
        var history = DiscrepancyHistory()
        var unread: [Unreadable] = []
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            while !follower.isCaughtUp, !Task.isCancelled {
                for record in try await follower.next(waiting: .milliseconds(200)) {
                    switch record.content {
                    case .fact(let event): history.fold(event)
                    case .unreadable(let fault): unread.append(fault)
                    }
                }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
        return (history, unread)
    }

    static let operand = Operand(name: "ID", summary: "the discrepancy's id")

    static func id(_ invocation: Invocation) throws(UsageError) -> EventID {
        let text = try invocation.requiredOperand()
        // Safe: the text's bytes are read inside the call.
        do { return try unsafe EventID.read(text.utf8.span.bytes) } catch { throw UsageError("ID: \(error)") }
    }
}
