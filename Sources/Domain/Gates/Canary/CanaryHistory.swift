public import Core

/// Every incident and the latest verdicts, for people who look.
public struct CanaryHistory: Sendable {
    public struct Incident: Sendable {
        public let opened: IncidentOpened
        public let openedAt: Timestamp
        public fileprivate(set) var updates: Int64 = 0
        public fileprivate(set) var worst: Amount
        public fileprivate(set) var updatedAt: Timestamp
        public fileprivate(set) var isRolledBack: Bool
        public fileprivate(set) var resolved: IncidentResolved?
        public var isOpen: Bool { resolved == nil }
        public var key: Label { opened.incidentKey }
    }

    /// Further ones push out the oldest.
    public static let maximumIncidents = 10_000
    public static let maximumVerdicts = 100_000

    public private(set) var incidents: [Incident] = []
    public private(set) var verdicts: [Event] = []
    public private(set) var steps: [(event: Event, step: RolloutStepTaken)] = []

    public static let types = Set(Canary.Kind.allCases.map(EventType.canary))

    public init() {}

    public subscript(key: String) -> Incident? { incidents.last { $0.key.text == key } }

    public mutating func fold(_ event: Event) {
        guard case .canary(let said) = event.content else { return }
        switch said {
        case .canaryJudged:
            if verdicts.count == Self.maximumVerdicts { verdicts.removeFirst(Self.maximumVerdicts / 2) }
            verdicts.append(event)
        case .incidentOpened(let opened): open(opened, event.envelope.ingestTime)
        case .incidentResolved(let resolved):
            guard let index = incidents.lastIndex(where: { $0.key == resolved.incidentKey }), incidents[index].isOpen
            else { return }
            incidents[index].resolved = resolved
        case .rolloutStepTaken(let step): steps.append((event, step))
        }
    }

    private mutating func open(_ opened: IncidentOpened, _ moment: Timestamp) {
        guard let index = incidents.lastIndex(where: { $0.key == opened.incidentKey }) else {
            if incidents.count == Self.maximumIncidents { incidents.removeFirst() }
            return incidents.append(
                Incident(
                    opened: opened, openedAt: moment, worst: opened.observed, updatedAt: moment,
                    isRolledBack: opened.rollbackTriggered))
        }
        guard incidents[index].isOpen else { return }
        incidents[index].updates += 1
        incidents[index].worst = max(incidents[index].worst, opened.observed)
        incidents[index].updatedAt = max(incidents[index].updatedAt, moment)
        incidents[index].isRolledBack = incidents[index].isRolledBack || opened.rollbackTriggered
    }
}
