public import Core

/// The emergency stop: one latch for each time a gate closed it.
///
/// Nothing but a clearing event opens a latch, and no setting does.
public struct EmergencyStop: FieldRecord {
    public struct Latch: FieldRecord {
        public var latchedBy: EventID
        public var reasons: [Code]
        public var latchedAt: Timestamp
        public var isRecoverable: Bool

        init(latchedBy: EventID, reasons: [Code], latchedAt: Timestamp, isRecoverable: Bool) {
            self.latchedBy = latchedBy
            self.reasons = reasons
            self.latchedAt = latchedAt
            self.isRecoverable = isRecoverable
        }

        public init(unread: Unread) {
            latchedBy = unread()
            reasons = unread()
            latchedAt = unread()
            isRecoverable = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("latched_by", &latchedBy, "By which event.")
            try fields.list("reasons", &reasons, 0...64, "Why.")
            try fields.field("latched_at", &latchedAt, "Since when.")
            try fields.field("is_recoverable", &isRecoverable, "Whether a gate may clear it.")
        }
    }

    /// Later latches than these only repeat what is known: the stop holds as long as one does.
    public static let maximumLatches = 64

    public private(set) var latches: [Latch] = []

    public init() {}
    public init(unread: Unread) {}

    public var isLatched: Bool { !latches.isEmpty }

    mutating func fold(_ event: EmergencyStopLatched, _ envelope: Envelope) {
        if latches.count == Self.maximumLatches { latches.removeLast() }
        latches.append(
            Latch(
                latchedBy: envelope.eventID, reasons: event.stopReasons, latchedAt: event.latchedAt,
                isRecoverable: event.recoverable))
    }

    /// Clears the latch that is named and those before it; a later one stays.
    ///
    /// A gate that clears by itself opens only what may recover.
    mutating func fold(_ event: EmergencyStopCleared) {
        var last = latches.count - 1
        if let named = event.latchedEventID {
            guard let index = latches.firstIndex(where: { $0.latchedBy == named }) else { return }
            last = index
        }
        let byItself = event.cleanEvaluations != nil
        latches =
            latches.enumerated().filter { index, latch in index > last || (byItself && !latch.isRecoverable) }
            .map(\.element)
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.list("latches", &latches, 0...Self.maximumLatches, "Oldest first.")
    }
}
