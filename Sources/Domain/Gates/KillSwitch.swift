public import Core

/// Whether orders may leave at all, as the log says it: engaged at first, and only a release ends that.
public struct KillSwitch: FieldRecord {
    /// One engagement that nobody has released.
    public struct Stop: FieldRecord {
        public private(set) var engagedBy: EventID
        public private(set) var engagedAt: Timestamp
        public private(set) var reason: Prose

        init(engagedBy: EventID, engagedAt: Timestamp, reason: Prose) {
            self.engagedBy = engagedBy
            self.engagedAt = engagedAt
            self.reason = reason
        }

        public init(unread: Unread) {
            engagedBy = unread()
            engagedAt = unread()
            reason = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("engaged_by", &engagedBy, "By which event.")
            try fields.field("engaged_at", &engagedAt, "Since when.")
            try fields.field("reason", &reason, "Why.")
        }
    }

    /// Of more stops than these the later ones lose their names: a release without one ends them, when no other holds.
    public static let maximumStops = 64

    /// Those that hold, oldest first.
    public private(set) var stops: [Stop] = []
    /// Nobody has released the switch since it was delivered, and nobody has engaged it either.
    private var isAsDelivered = true
    /// There were more stops than have names here.
    private var hasNameless = false

    public init() {}

    public var isEngaged: Bool { isAsDelivered || hasNameless || !stops.isEmpty }
    /// The engagement that came last of those that hold.
    public var engagedBy: EventID? { stops.last?.engagedBy }
    public var engagedAt: Timestamp? { stops.last?.engagedAt }
    public var reason: Prose? { stops.last?.reason }

    /// The same engagement told twice is one.
    mutating func fold(_ event: KillSwitchEngaged, _ envelope: Envelope) {
        isAsDelivered = false
        guard !stops.contains(where: { $0.engagedBy == envelope.eventID }) else { return }
        guard stops.count < Self.maximumStops else {
            hasNameless = true
            return
        }
        stops.append(Stop(engagedBy: envelope.eventID, engagedAt: event.triggeredAt, reason: event.order.reason))
    }

    /// A release ends the engagement that it names, and no other: what its author has not seen stays, wherever on the
    /// log it lies.
    ///
    /// One without a name ends only what has none.
    mutating func fold(_ event: KillSwitchReleased) {
        guard let named = event.engagedEventID else {
            if stops.isEmpty { (isAsDelivered, hasNameless) = (false, false) }
            return
        }
        stops.removeAll { $0.engagedBy == named }
    }

    public init(unread: Unread) {}

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("is_as_delivered", &isAsDelivered, "Whether nobody ever touched it.")
        try fields.field("has_nameless", &hasNameless, "Whether there were more than have names here.")
        try fields.list("stops", &stops, 0...Self.maximumStops, "Engagements that hold, oldest first.")
    }
}

/// What stops a process without the log: the latch file in its data folder, and its environment.
///
/// Either engages the switch; neither can release it.
public struct LocalStop: Sendable, Equatable {
    public var latchFile: Bool
    public var environment: Bool

    public init(latchFile: Bool = false, environment: Bool = false) {
        self.latchFile = latchFile
        self.environment = environment
    }

    public static let none = LocalStop()
    public var isEngaged: Bool { latchFile || environment }
}
