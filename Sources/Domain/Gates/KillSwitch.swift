public import Core

/// Whether orders may leave at all, as the log says it: engaged at first, and only a release ends that.
public struct KillSwitch: FieldRecord {
    public private(set) var isEngaged = true
    /// Which engagement holds; none has been recorded while the switch stands as it was delivered.
    public private(set) var engagedBy: EventID?
    public private(set) var engagedAt: Timestamp?
    public private(set) var reason: Prose?

    public init() {}

    mutating func fold(_ event: KillSwitchEngaged, _ envelope: Envelope) {
        isEngaged = true
        engagedBy = envelope.eventID
        engagedAt = event.triggeredAt
        reason = event.order.reason
    }

    /// A release ends the engagement that it names and no later one: whoever resumes has seen what he ends.
    ///
    /// One without a name ends only the state of delivery.
    mutating func fold(_ event: KillSwitchReleased) {
        guard event.engagedEventID == engagedBy else { return }
        self = KillSwitch()
        isEngaged = false
    }

    public init(unread: Unread) {}

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("is_engaged", &isEngaged, "Whether it is engaged.")
        try fields.field("engaged_by", &engagedBy, "By which event.")
        try fields.field("engaged_at", &engagedAt, "Since when.")
        try fields.field("reason", &reason, "Why.")
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
