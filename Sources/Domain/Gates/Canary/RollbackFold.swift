public import Core

/// How long hard rollbacks took: from the last fact that they follow from to the last confirmed end of an order.
///
/// What must end are LEAN's orders that were open when the stop was latched, whoever asked to cancel them, and those
/// that a router canceled because of it. A fold of control, route and order events: membership and times come from
/// the records' own moments, so it does not matter which topic is read first.
public struct RollbackFold: FieldRecord {
    /// One rollback, or what is known of it.
    public struct Row: Sendable, Equatable {
        public let latch: EventID
        public let incidentKey: Label
        public let evidenceAt: Timestamp?
        public let latchedAt: Timestamp
        /// LEAN's orders that must end.
        public internal(set) var orders: Int64 = 0
        /// Of these: canceled, or over by themselves.
        public internal(set) var ended: Int64 = 0
        /// Of those that ended: filled before they could be canceled.
        public internal(set) var tooLate: Int64 = 0
        public internal(set) var endedAt: Timestamp?

        public var waiting: Int64 { orders - ended }

        /// `nil` while an order is open, and when there was none: nothing was there to end.
        public var took: Duration? {
            guard orders > 0, waiting == 0 else { return nil }
            return max(endedAt ?? latchedAt, latchedAt).since(evidenceAt ?? latchedAt)
        }
    }

    /// A stop that a canary's incident caused.
    struct Latch: KeyedRow {
        var latch: EventID
        var incidentKey: Label
        var evidenceAt: Timestamp?
        var latchedAt: Timestamp
        var key: EventID { latch }

        init(_ latch: EventID, _ event: EmergencyStopLatched, incident: Label) {
            self.latch = latch
            incidentKey = incident
            evidenceAt = event.evidenceAt
            latchedAt = event.latchedAt
        }

        init(unread: Unread) {
            latch = unread()
            incidentKey = unread()
            latchedAt = unread()
        }

        mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("latch", &latch, "The latch.")
            try fields.field("incident_key", &incidentKey, "The incident.")
            try fields.field("evidence_at", &evidenceAt, "The last fact.")
            try fields.field("latched_at", &latchedAt, "The verdict.")
        }
    }

    /// Orders that are watched at once; a rollback of more is measured by these.
    public static let maximumOpen = 65_536
    /// Orders that are over and that no stop waits for; of more than these the older half is forgotten.
    public static let maximumOver = 8_192
    /// Further stops push out the oldest.
    public static let maximumRows = 64

    private var latches = KeyedRows<Latch>()
    private var open: [DecisionHash: RollbackOrder] = [:]
    private var over: [DecisionHash: RollbackOrder] = [:]
    /// Found again in the orders: no part of the state.
    private var joined: [EventID: Set<DecisionHash>] = [:]

    public init() {}
    public init(unread: Unread) {}

    /// The last one.
    public var latest: Row? {
        latches.rows.max { ($0.latchedAt, $0.latch) < ($1.latchedAt, $1.latch) }.map(row)
    }

    private func row(_ latch: Latch) -> Row {
        var row = Row(
            latch: latch.latch, incidentKey: latch.incidentKey, evidenceAt: latch.evidenceAt,
            latchedAt: latch.latchedAt)
        for decision in joined[latch.latch] ?? [] {
            guard let order = open[decision] ?? over[decision] else { continue }
            row.orders += 1
            guard let overAt = order.overAt else { continue }
            row.ended += 1
            if order.isTooLate { row.tooLate += 1 }
            row.endedAt = max(row.endedAt ?? overAt, overAt)
        }
        return row
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try latches.walk("latches", &fields)
        var orders = (Array(open.values) + Array(over.values)).sorted { $0.decision < $1.decision }
        try fields.list("orders", &orders, 0...Int.max, "By their decisions.")
        self = RollbackFold(latches, orders)
    }

    private init(_ latches: KeyedRows<Latch>, _ orders: [RollbackOrder]) {
        self.latches = latches
        for order in orders {
            for latch in order.latches { joined[latch, default: []].insert(order.decision) }
            put(order)
        }
    }
}

extension RollbackFold {
    public mutating func fold(_ event: Event) {
        let moment = event.envelope.ingestTime
        switch event.content {
        case .control(.emergencyStopLatched(let latched)): latch(latched, event.envelope.eventID)
        case .route(.attemptAccepted(let taken)):
            guard taken.evidence.executionAdapter == .lean else { return }
            take(taken.key.decisionHash, at: moment)
            if taken.status.isOver { end(taken.key.decisionHash, at: moment) }
        case .route(.attemptResolved(let found)):
            guard found.resolution == .live, found.evidence.executionAdapter == .lean else { return }
            take(found.key.decisionHash, at: moment)
            if found.status?.status?.isOver ?? false { end(found.key.decisionHash, at: moment) }
        case .route(.cancelRequested(let asked)): request(asked)
        case .route(.cancelConfirmed(let ended)):
            confirm(ended.order, ended.cancelID, at: ended.canceledAt ?? moment, isTooLate: false)
        case .route(.cancelRefused(let refused)) where refused.isFinal:
            confirm(refused.order, refused.cancelID, at: moment, isTooLate: true)
        case .orderEvents(let told):
            guard let update = OrderUpdate(told), update.isOver else { return }
            end(update.decision, at: moment)
        default: break
        }
    }

    private mutating func latch(_ event: EmergencyStopLatched, _ id: EventID) {
        guard let incident = event.incidentKey else { return }
        latches.put(Latch(id, event, incident: incident))
        for order in Array(open.values) + Array(over.values) where order.wasOpen(at: event.latchedAt) {
            change(order.decision) { if !$0.latches.contains(id) { $0.latches.append(id) } }
        }
        // Requests that were read before it.
        for decision in joined[id] ?? [] { change(decision) { _ in } }
        guard latches.count > Self.maximumRows else { return }
        let oldest = latches.rows.min { ($0.latchedAt, $0.latch) < ($1.latchedAt, $1.latch) }
        guard let oldest else { return }
        latches.remove(oldest.latch)
        for decision in joined.removeValue(forKey: oldest.latch) ?? [] {
            change(decision) { order in order.latches.removeAll { $0 == oldest.latch } }
        }
    }

    private mutating func take(_ decision: DecisionHash, at moment: Timestamp) {
        let stops = latches.rows
        change(decision) { order in
            order.takenAt = min(order.takenAt ?? moment, moment)
            for latch in stops where order.wasOpen(at: latch.latchedAt) && !order.latches.contains(latch.latch) {
                order.latches.append(latch.latch)
            }
        }
    }

    /// A request for the order that took another's place takes the place of the first one, and goes to the broker
    /// himself.
    private mutating func request(_ asked: CancelRequested) {
        guard asked.cancelReason != .discrepancy, let decision = asked.order.decision,
            asked.executionAdapter == .lean || (open[decision] ?? over[decision])?.takenAt != nil
        else { return }
        let isStop = asked.cancelReason == .emergencyStop
        change(decision) { order in
            order.cancel = asked.cancelID
            order.confirmedAt = nil
            order.isTooLate = false
            guard isStop, let latch = asked.controlEventID, !order.latches.contains(latch),
                order.latches.count < Self.maximumRows
            else { return }
            order.latches.append(latch)
        }
    }

    private mutating func confirm(_ key: OrderKey, _ cancel: EventID, at moment: Timestamp, isTooLate: Bool) {
        guard let decision = key.decision, (open[decision] ?? over[decision])?.cancel == cancel else { return }
        change(decision) { order in
            order.confirmedAt = moment
            order.isTooLate = isTooLate
        }
    }

    private mutating func end(_ decision: DecisionHash, at moment: Timestamp) {
        change(decision) { $0.endedAt = min($0.endedAt ?? moment, moment) }
    }

    private mutating func change(_ decision: DecisionHash, _ change: (inout RollbackOrder) -> Void) {
        var order = open.removeValue(forKey: decision) ?? over.removeValue(forKey: decision) ?? RollbackOrder(decision)
        change(&order)
        for latch in order.latches { joined[latch, default: []].insert(decision) }
        put(order)
        forget()
    }

    private mutating func put(_ order: RollbackOrder) {
        let isWaitedFor = order.latches.contains { latches[$0] != nil }
        if order.isOver, !isWaitedFor {
            over[order.decision] = order
        } else if open.count < Self.maximumOpen || isWaitedFor {
            open[order.decision] = order
        }
    }

    private mutating func forget() {
        guard over.count > Self.maximumOver else { return }
        let byAge = over.values.sorted { ($0.lastAt, $0.decision) < ($1.lastAt, $1.decision) }
        for order in byAge.prefix(Self.maximumOver / 2) {
            over[order.decision] = nil
            for latch in order.latches { joined[latch]?.remove(order.decision) }
        }
    }
}
