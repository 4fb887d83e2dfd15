public import Core

/// How long hard rollbacks took: from the last fact that they follow from to the last confirmed cancellation.
///
/// A fold of control and route: requests name the latch that they follow from, so it does not matter which is read
/// first.
public struct RollbackFold: FieldRecord {
    /// One rollback, or what is known of it.
    public struct Row: KeyedRow {
        public var latch: EventID
        public internal(set) var incidentKey: Label?
        public internal(set) var evidenceAt: Timestamp?
        public internal(set) var latchedAt: Timestamp?
        /// Cancellations of orders that LEAN took.
        public internal(set) var requested: Int64 = 0
        public internal(set) var confirmed: Int64 = 0
        /// The order was filled before: there was nothing to cancel.
        public internal(set) var tooLate: Int64 = 0
        public internal(set) var endedAt: Timestamp?
        public var key: EventID { latch }

        init(_ latch: EventID) { self.latch = latch }

        public init(unread: Unread) { latch = unread() }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("latch", &latch, "The latch.")
            try fields.field("incident_key", &incidentKey, "The incident.")
            try fields.field("evidence_at", &evidenceAt, "The last fact.")
            try fields.field("latched_at", &latchedAt, "The verdict.")
            try fields.field("requested", &requested, "Asked for.")
            try fields.field("confirmed", &confirmed, "Confirmed.")
            try fields.field("too_late", &tooLate, "Filled before.")
            try fields.field("ended_at", &endedAt, "The last confirmation.")
        }

        /// `nil` while a cancellation is on its way, and before one is: nothing was there to end, or nobody asked yet.
        public var took: Duration? {
            guard let latchedAt, requested > 0, requested == confirmed + tooLate else { return nil }
            let end = max(endedAt ?? latchedAt, latchedAt)
            return end.since(evidenceAt ?? latchedAt)
        }
    }

    /// A cancellation that nobody has confirmed, and the latch behind it.
    ///
    /// One for each intent: a request for the order that took the first one's place takes its place here.
    struct Waiting: KeyedRow {
        var intent: IntentID
        var cancel: EventID
        var latch: EventID
        var key: IntentID { intent }

        init(_ intent: IntentID, cancel: EventID, latch: EventID) {
            self.intent = intent
            self.cancel = cancel
            self.latch = latch
        }

        init(unread: Unread) {
            intent = unread()
            cancel = unread()
            latch = unread()
        }

        mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("intent", &intent, "Whose order.")
            try fields.field("cancel", &cancel, "The request.")
            try fields.field("latch", &latch, "Its latch.")
        }
    }

    /// Requests of one stop that are watched at once; a larger one is measured by these.
    public static let maximumWaiting = 16_384
    public static let maximumRows = 64

    private var rows = KeyedRows<Row>()
    private var waiting = KeyedRows<Waiting>()

    public init() {}
    public init(unread: Unread) {}

    /// Those that a canary's incident caused, oldest first.
    public var all: [Row] {
        rows.rows.filter { $0.incidentKey != nil }.sorted { ($0.latchedAt ?? .earliest) < ($1.latchedAt ?? .earliest) }
    }

    public var latest: Row? { all.last }

    public mutating func fold(_ event: Event) {
        switch event.content {
        case .control(.emergencyStopLatched(let latched)):
            guard let incident = latched.incidentKey else { return }
            change(event.envelope.eventID) { row in
                row.incidentKey = incident
                row.evidenceAt = latched.evidenceAt
                row.latchedAt = latched.latchedAt
            }
        case .route(.cancelRequested(let asked)):
            guard asked.cancelReason == .emergencyStop else { return }
            let intent = Self.key(asked.order, asked.cancelID)
            if var known = waiting[intent] {
                known.cancel = asked.cancelID
                return waiting.put(known)
            }
            guard asked.executionAdapter == .lean, let latch = asked.controlEventID,
                waiting.count < Self.maximumWaiting
            else { return }
            waiting.put(Waiting(intent, cancel: asked.cancelID, latch: latch))
            change(latch) { $0.requested += 1 }
        case .route(.cancelConfirmed(let ended)):
            end(
                Self.key(ended.order, ended.cancelID), ended.cancelID, at: ended.canceledAt ?? event.envelope.ingestTime
            ) { $0.confirmed += 1 }
        case .route(.cancelRefused(let refused)) where refused.isFinal:
            end(Self.key(refused.order, refused.cancelID), refused.cancelID, at: event.envelope.ingestTime) {
                $0.tooLate += 1
            }
        default: break
        }
    }

    /// An order of which no intent is known stands for itself.
    private static func key(_ order: OrderKey, _ cancel: EventID) -> IntentID {
        order.intentID ?? IntentID(high: cancel.high, low: cancel.low)
    }

    private mutating func end(
        _ intent: IntentID, _ cancel: EventID, at moment: Timestamp, _ count: (inout Row) -> Void
    ) {
        guard let asked = waiting[intent], asked.cancel == cancel else { return }
        waiting.remove(intent)
        change(asked.latch) { row in
            count(&row)
            row.endedAt = max(row.endedAt ?? moment, moment)
        }
    }

    private mutating func change(_ latch: EventID, _ change: (inout Row) -> Void) {
        var row = rows[latch] ?? Row(latch)
        change(&row)
        rows.put(row)
        guard rows.count > Self.maximumRows else { return }
        let oldest = rows.rows.min { ($0.latchedAt ?? .latest, $0.latch) < ($1.latchedAt ?? .latest, $1.latch) }
        if let oldest { rows.remove(oldest.latch) }
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try rows.walk("rows", &fields)
        try waiting.walk("waiting", &fields)
    }
}
