public import Core

/// What the canary's own topic says: which incidents are open, and what was judged last.
///
/// One incident is open for each cause at most. A word about one that was resolved comes too late and opens nothing:
/// the next time is another incident, with the next number.
public struct CanaryIncidents: FieldRecord {
    /// The incidents of one cause: the latest, and how many there were.
    public struct Row: KeyedRow {
        public internal(set) var breach: BreachType
        public internal(set) var number: Int64 = 0
        public internal(set) var incidentKey: Label
        public internal(set) var openedAt: Timestamp
        public internal(set) var updatedAt: Timestamp
        public internal(set) var resolvedAt: Timestamp?
        /// When one of this cause was ended last by more than its recovery: what was before counts no more for it.
        public internal(set) var countsFrom: Timestamp?
        public internal(set) var isRolledBack = false
        public internal(set) var worst: Amount
        /// Whole windows within the limits, one after another, since it was opened.
        public internal(set) var healthyWindows: Int64 = 0
        /// Where the last of them ended: one that begins elsewhere begins the count again.
        public internal(set) var healthyUntil: Timestamp?

        public var key: String { breach.rawValue }
        public var isOpen: Bool { resolvedAt == nil }

        /// How many there are with one more that begins here.
        public func healthyWindows(with start: Timestamp) -> Int64 { healthyUntil == start ? healthyWindows + 1 : 1 }

        init(_ event: IncidentOpened, number: Int64, at moment: Timestamp) {
            breach = event.breachType
            self.number = number
            incidentKey = event.incidentKey
            openedAt = moment
            updatedAt = moment
            worst = event.observed
        }

        public init(unread: Unread) {
            breach = unread()
            incidentKey = unread()
            openedAt = unread()
            updatedAt = unread()
            worst = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("breach", &breach, "Its cause.")
            try fields.field("number", &number, "Which time.")
            try fields.field("incident_key", &incidentKey, "Its name.")
            try fields.field("opened_at", &openedAt, "Since when.")
            try fields.field("updated_at", &updatedAt, "When it was told last.")
            try fields.field("resolved_at", &resolvedAt, "When it ended.")
            try fields.field("counts_from", &countsFrom, "What was before counts no more for this limit.")
            try fields.field("is_rolled_back", &isRolledBack, "Whether it was rolled back.")
            try fields.field("worst", &worst, "The worst that was measured.")
            try fields.field("healthy_windows", &healthyWindows, "Since then.")
            try fields.field("healthy_until", &healthyUntil, "Where the last of them ended.")
        }
    }

    public private(set) var rows = KeyedRows<Row>()
    public private(set) var verdicts = KeyedRows<LastVerdict>()
    /// The same, of those that said anything: waiting until a sample is gone makes nothing well.
    public private(set) var conclusive = KeyedRows<LastVerdict>()
    /// Whole windows that were judged, the latest ones.
    public private(set) var closed = KeyedRows<ClosedWindow>()
    public static let closedKept = 2
    public private(set) var latestEvaluatedAt: Timestamp?
    /// The policy that was judged by last.
    public private(set) var policyHash: ContentHash?
    /// How far the topic was folded: everything before this offset.
    public private(set) var position: Int64 = 0

    public init() {}
    public init(unread: Unread) {}

    public subscript(breach: BreachType) -> Row? { rows[breach.rawValue] }
    public var open: [Row] { rows.rows.filter(\.isOpen) }

    /// What the next incident of this cause is called.
    public func nextKey(of breach: BreachType) -> Label {
        Label(trusted: "lean_canary:\(breach.rawValue):\((self[breach]?.number ?? 0) + 1)")
    }

    public mutating func fold(_ event: Canary, _ envelope: Envelope, at offset: Int64) {
        position = offset + 1
        switch event {
        case .canaryJudged(let event): judge(event, envelope.eventID)
        case .incidentOpened(let event): open(event, at: envelope.ingestTime)
        case .incidentResolved(let event): resolve(event)
        case .rolloutStepTaken: break
        }
    }

    private mutating func judge(_ event: CanaryJudged, _ id: EventID) {
        latestEvaluatedAt = event.window.evaluatedAt
        policyHash = event.window.policyHash
        guard event.isClosed == true else { return take(event, id) }
        // Windows that end later were judged before the clock was set back.
        if event.amendsEventID == nil {
            for row in closed.rows where row.windowEnd > event.window.windowEnd { closed.remove(row.windowEnd) }
        }
        var window = closed[event.window.windowEnd] ?? ClosedWindow(event)
        window.take(event)
        closed.put(window)
        while closed.count > Self.closedKept, let oldest = closed.rows.first { closed.remove(oldest.windowEnd) }
        guard var row = self[event.breachType], row.isOpen, event.window.windowStart >= row.openedAt else { return }
        switch event.window.verdict {
        case .pass where event.amendsEventID == nil:
            row.healthyWindows = row.healthyWindows(with: event.window.windowStart)
            row.healthyUntil = event.window.windowEnd
        case .pass: break
        case .breach: (row.healthyWindows, row.healthyUntil) = (0, nil)
        // What says nothing does not say that it is well.
        case .inconclusive where event.amendsEventID == nil: (row.healthyWindows, row.healthyUntil) = (0, nil)
        case .inconclusive: break
        }
        rows.put(row)
    }

    /// A limit that is no longer judged has no last word.
    private mutating func take(_ event: CanaryJudged, _ id: EventID) {
        verdicts.put(LastVerdict(event, id))
        if event.window.verdict != .inconclusive { conclusive.put(LastVerdict(event, id)) }
        guard let terms = event.terms else { return }
        for breach in BreachType.allCases where !terms.judges(breach) {
            verdicts.remove(breach.rawValue)
            conclusive.remove(breach.rawValue)
        }
    }

    private mutating func open(_ event: IncidentOpened, at moment: Timestamp) {
        guard var row = self[event.breachType], row.incidentKey == event.incidentKey else {
            var row = Row(event, number: (self[event.breachType]?.number ?? 0) + 1, at: moment)
            row.isRolledBack = event.rollbackTriggered
            row.countsFrom = self[event.breachType]?.countsFrom
            return rows.put(row)
        }
        guard row.isOpen else { return }
        row.updatedAt = max(row.updatedAt, moment)
        row.worst = max(row.worst, event.observed)
        row.isRolledBack = row.isRolledBack || event.rollbackTriggered
        (row.healthyWindows, row.healthyUntil) = (0, nil)
        rows.put(row)
    }

    private mutating func resolve(_ event: IncidentResolved) {
        guard var row = self[event.breachType], row.incidentKey == event.incidentKey, row.isOpen else { return }
        // An operator's clock may be behind or ahead: what was judged already is over in any case.
        let moment = CanaryFold.bounded(event.resolvedAt, by: latestEvaluatedAt)
        row.resolvedAt = moment
        // Whoever ends one incident has looked at its cause and at no other: what speaks for those goes on counting.
        if event.resolution != .recovered { row.countsFrom = moment }
        rows.put(row)
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try rows.walk("rows", &fields)
        try verdicts.walk("verdicts", &fields)
        try conclusive.walk("conclusive", &fields)
        try closed.walk("closed", &fields)
        try fields.field("latest_evaluated_at", &latestEvaluatedAt, "The latest evaluation.")
        try fields.field("policy_hash", &policyHash, "What was judged by last.")
        try fields.field("position", &position, "How far it was folded.")
    }
}
