internal import Commands
public import Core
public import Domain
internal import Folding
internal import Wire

/// Ends an incident of the canary, for whoever may: the command line and the API do the same.
public enum IncidentDesk {
    /// What a person may say became of an incident; that it recovered is the gates' own word.
    public static let resolutions = [IncidentResolution.accepted, .rolledBack]

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
        guard resolution.map(resolutions.contains) ?? true else {
            throw OperatorRefusal(.words, "that an incident recovered is the gates' own word")
        }
        return try await say(source: origin.source, at: now, on: log) { log in
            guard let incident = try await history(log).history[key] else {
                throw OperatorRefusal(.missing, "there is no incident \(key)")
            }
            guard incident.isOpen else { throw OperatorRefusal(.conflict, "\(key) is resolved already") }
            let resolved = IncidentResolved(
                incidentKey: incident.key, breachType: incident.opened.breachType,
                resolution: resolution ?? (incident.isRolledBack ? .rolledBack : .accepted), actor: origin.actor,
                reason: origin.reason, resolvedAt: now, verdictEventID: incident.opened.verdictEventID)
            return (.incidentResolved(resolved), "resolve/\(key)")
        }
    }

    /// Makes a person's word on the canary's topic and says it while nobody else can.
    ///
    /// Of two at once the second sees what the first has said.
    public static func say(
        source: SourceName, at now: Timestamp, on log: any EventLog,
        _ make: (any EventLog) async throws -> (content: Canary, name: String)?
    ) async throws -> RecordPosition? {
        try await JudgedAppend.append(to: log, as: "torghut.operator.canary") { log in
            guard let (content, name) = try await make(log) else { return [] }
            return EventEncoder.records(of: [event(content, name, source, now)])
        }.first
    }

    private static func event(_ content: Canary, _ name: String, _ source: SourceName, _ now: Timestamp) -> Event {
        let id = EventMint.eventID(.outside(source: "torghut canary", key: "\(name)/\(now.nanoseconds)"))
        return Event(
            Envelope(
                eventID: id, eventTime: now, ingestTime: now, source: source,
                correlation: StoryID(high: id.high, low: id.low)), .canary(content))
    }
}
