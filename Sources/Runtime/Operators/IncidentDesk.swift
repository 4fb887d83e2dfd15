internal import Commands
public import Core
public import Domain
internal import Folding
internal import Wire

/// Ends an incident of the canary, for whoever may: the command line and the API do the same.
public enum IncidentDesk {
    public static func history(
        _ log: any EventLog
    ) async throws(LogError) -> (history: CanaryHistory, unread: [String]) {
        var history = CanaryHistory()
        let unread = try await LogScan.read(
            log, LogScan.partitions([TopicCatalog.canary]), wanting: CanaryHistory.types
        ) { event, _ in history.fold(event) }
        return (history, unread.map(\.description))
    }

    /// Says that an incident is over; without a resolution it follows from whether it was rolled back.
    public static func resolve(
        _ key: String, as resolution: IncidentResolution?, _ origin: OperatorOrigin, at now: Timestamp,
        on log: any EventLog
    ) async throws -> RecordPosition? {
        guard let incident = try await history(log).history[key] else {
            throw OperatorRefusal(.missing, "there is no incident \(key)")
        }
        guard incident.isOpen else { throw OperatorRefusal(.conflict, "\(key) is resolved already") }
        let resolved = IncidentResolved(
            incidentKey: incident.key, breachType: incident.opened.breachType,
            resolution: resolution ?? (incident.isRolledBack ? .rolledBack : .accepted), actor: origin.actor,
            reason: origin.reason, resolvedAt: now, verdictEventID: incident.opened.verdictEventID)
        return try await say(
            .incidentResolved(resolved), named: "resolve/\(key)", source: origin.source, writer: origin.writer, at: now,
            on: log)
    }

    /// A person's word on the canary's topic.
    public static func say(
        _ content: Canary, named name: String, source: SourceName, writer: String, at now: Timestamp,
        on log: any EventLog
    ) async throws(LogError) -> RecordPosition? {
        let id = EventMint.eventID(.outside(source: "torghut canary", key: "\(name)/\(now.nanoseconds)"))
        let event = Event(
            Envelope(
                eventID: id, eventTime: now, ingestTime: now, source: source,
                correlation: StoryID(high: id.high, low: id.low)), .canary(content))
        var encoder = EventEncoder()
        return try await OperatorAppend.append([encoder.record(event)], to: log, as: writer).first
    }
}
