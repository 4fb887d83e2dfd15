import Commands
import Core
import Domain
import Folding
import Runtime

/// What the log says of the canary: no database is needed.
enum CanaryReading {
    static func history(_ log: any EventLog) async throws -> (history: CanaryHistory, unread: [String]) {
        try await IncidentDesk.history(log)
    }

    /// The state of the gates at the end of the log.
    static func gates(
        _ log: any EventLog, _ policy: GatePolicy
    ) async throws -> (fold: GatesFold, unread: [String]) {
        var fold = GatesFold()
        let unread = try await LogScan.read(log, GatesFold.sources, wanting: GatesFold.types) { event, place in
            fold.fold(event, at: place, under: policy)
        }
        return (fold, unread.map(\.description))
    }

    /// A moment on the command line.
    static func moment(_ invocation: Invocation, _ name: String) throws(UsageError) -> Timestamp? {
        guard let text = invocation.value(name) else { return nil }
        do { return try unsafe Timestamp.read(text.utf8.span.bytes) } catch {
            throw UsageError("--\(name): \(error)")
        }
    }

    static func text(_ moment: Timestamp?) -> Listing.Cell { .optional(moment.map { "\($0)" }) }
    static func text(_ amount: Amount?) -> Listing.Cell { .optional(amount.map { "\($0)" }) }
}
