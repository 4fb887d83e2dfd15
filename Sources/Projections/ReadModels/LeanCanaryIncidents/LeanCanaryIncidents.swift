public import Core
public import Domain
internal import Wire

/// Breaches of the canary, and how they ended.
public enum LeanCanaryIncidents: Projection {
    public struct Tables: TableSet {
        var incidents: CurrentTable<LeanCanaryIncidentRow>

        public init(_ maker: TableMaker) { incidents = maker.current(of: LeanCanaryIncidentRow.self) }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.current(&incidents)
        }
    }

    public static let name = ProjectionName("lean_canary_incidents")
    public static let fold = 1
    public static let ownership = TopicCatalog.canary
    public static let inputs = [TopicCatalog.canary]
    public static let wants: Set<EventType> = [.canary(.incidentOpened), .canary(.incidentResolved)]

    public static func need(of event: Event, in tables: inout Tables) {
        switch event.content {
        case .canary(.incidentOpened(let it)): tables.incidents.need(LeanCanaryIncidentRow.Key(it.incidentKey))
        case .canary(.incidentResolved(let it)): tables.incidents.need(LeanCanaryIncidentRow.Key(it.incidentKey))
        default: break
        }
    }

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        let time = Moment(event.envelope.eventTime)
        switch event.content {
        case .canary(.incidentOpened(let it)):
            let key = LeanCanaryIncidentRow.Key(it.incidentKey)
            tables.incidents.change(key, making: LeanCanaryIncidentRow(key, it.breachType)) { $0.take(it, at: time) }
        case .canary(.incidentResolved(let it)):
            let key = LeanCanaryIncidentRow.Key(it.incidentKey)
            tables.incidents.change(key, making: LeanCanaryIncidentRow(key, it.breachType)) { $0.take(it, at: time) }
        default: break
        }
    }
}

extension LeanCanaryIncidentRow {
    fileprivate mutating func take(_ opened: IncidentOpened, at time: Moment) {
        createdAt.lower(to: time)
        updatedAt.raise(to: time)
        isRolledBack = isRolledBack || opened.rollbackTriggered
        guard verdict == nil else { return }
        severity = opened.severity
        symbols = EventEncoder.text(of: opened.symbols)
        evidence = opened.evidenceJSON
        observed = opened.observed
        threshold = opened.threshold
        verdict = opened.verdictEventID
    }

    fileprivate mutating func take(_ resolved: IncidentResolved, at time: Moment) {
        createdAt.lower(to: time)
        updatedAt.raise(to: time)
        guard resolution == nil else { return }
        resolution = resolved.resolution
        resolvedBy = resolved.actor
        resolutionReason = resolved.reason
        resolvedAt = Moment(resolved.resolvedAt)
    }
}
