internal import Commands
public import Core
public import Domain
public import Folding
internal import Wire

/// Discrepancies as the log has them, and a person's word about one: no database is needed.
public enum DiscrepancyDesk {
    public static func read(
        _ log: any EventLog
    ) async throws(LogError) -> (history: DiscrepancyHistory, unread: [Unreadable]) {
        var history = DiscrepancyHistory()
        let unread = try await LogScan.read(
            log, LogScan.partitions([TopicCatalog.orderEvents]), wanting: DiscrepancyHistory.wanted
        ) { event, _ in history.fold(event) }
        return (history, unread)
    }

    /// Of everybody who resolves one, at the command line and at the API: they meet under it.
    static let writerName = "torghut.operator.discrepancies"

    /// Says why a discrepancy is as it is; answers where that lies.
    ///
    /// Of two at once the second is refused.
    public static func explain(
        _ id: EventID, _ origin: OperatorOrigin, at now: Timestamp, on log: any EventLog
    ) async throws -> RecordPosition {
        let places = try await JudgedAppend.append(to: log, as: writerName) { log in
            guard let entry = try await read(log).history[id] else {
                throw OperatorRefusal(.missing, "there is no discrepancy \(id)")
            }
            guard entry.isOpen else { throw OperatorRefusal(.conflict, "\(id) is resolved already") }
            var encoder = EventEncoder()
            return [encoder.record(event(entry, origin, at: now))]
        }
        guard let place = places.first else {
            throw LogError(.append, .failed("nothing was appended"))
        }
        return place
    }

    private static func event(
        _ entry: DiscrepancyHistory.Known, _ origin: OperatorOrigin, at now: Timestamp
    ) -> Event {
        let resolved = DiscrepancyResolved(
            discrepancyID: entry.id, kind: entry.kind, order: entry.order, resolution: .explained,
            actor: origin.actor, reason: origin.reason)
        let id = EventMint.eventID(
            .outside(source: "torghut discrepancies", key: "resolve/\(entry.id)/\(now.nanoseconds)"))
        let envelope = Envelope(
            eventID: id, eventTime: now, ingestTime: now, account: entry.account, symbol: entry.symbol,
            source: origin.source, correlation: StoryID(high: id.high, low: id.low))
        return Event(envelope, .orderEvents(.discrepancyResolved(resolved)))
    }
}
