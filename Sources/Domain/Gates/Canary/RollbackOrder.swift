internal import Core

/// An order as far as a hard rollback wants to know: when LEAN took it, and how it ended.
struct RollbackOrder: FieldRecord {
    var decision: DecisionHash
    /// When LEAN took it; `nil` while that was not read, or nobody of ours did.
    var takenAt: Timestamp?
    /// The last request to cancel it: only its own confirmation counts.
    var cancel: EventID?
    var confirmedAt: Timestamp?
    /// It was filled before it could be canceled.
    var isTooLate = false
    /// When the broker told that it is over.
    var endedAt: Timestamp?
    /// The stops that wait for it.
    var latches: [EventID] = []

    init(_ decision: DecisionHash) { self.decision = decision }
    init(unread: Unread) { decision = unread() }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("decision", &decision, "Which.")
        try fields.field("taken_at", &takenAt, "When LEAN took it.")
        try fields.field("cancel", &cancel, "The last request to cancel it.")
        try fields.field("confirmed_at", &confirmedAt, "When that was confirmed.")
        try fields.field("is_too_late", &isTooLate, "Whether it was filled before.")
        try fields.field("ended_at", &endedAt, "When the broker told that it is over.")
        try fields.list("latches", &latches, 0...RollbackFold.maximumRows, "Who waits for it.")
    }

    /// Once a cancellation was asked for, its confirmation is the end.
    var overAt: Timestamp? { confirmedAt ?? (cancel == nil ? endedAt : nil) }

    var isOver: Bool { confirmedAt != nil || endedAt != nil }

    /// The latest that is known of it.
    var lastAt: Timestamp { [takenAt, confirmedAt, endedAt].compactMap { $0 }.max() ?? .earliest }

    func wasOpen(at moment: Timestamp) -> Bool {
        guard let takenAt, takenAt < moment else { return false }
        return [confirmedAt, endedAt].allSatisfy { $0.map { $0 >= moment } ?? true }
    }
}
