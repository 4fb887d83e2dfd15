public import Core

/// How a lane runs.
public enum LaneMode: String, Word {
    public static let words = WordTable<LaneMode>()

    case on
    case off
    case dryRun = "dry_run"

    public var meaning: String {
        switch self {
        case .on: "It works."
        case .off: "It does nothing."
        case .dryRun: "It works and records, and nothing follows from it."
        }
    }
}

/// A lane that is not simply on, and who made it so.
public struct LaneStanding: KeyedRow {
    public var lane: Lane
    public var mode: LaneMode
    public var changedBy: EventID
    /// The incident that took it out of use.
    public var incidentKey: Label?
    public var key: String { lane.rawValue }

    init(_ event: LaneDisabled, _ envelope: Envelope) {
        lane = event.lane
        mode = event.dryRun == true ? .dryRun : .off
        changedBy = envelope.eventID
        incidentKey = event.incidentKey
    }

    public init(unread: Unread) {
        lane = unread()
        mode = unread()
        changedBy = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("lane", &lane, "Which.")
        try fields.field("mode", &mode, "How it runs.")
        try fields.field("changed_by", &changedBy, "By which event.")
        try fields.field("incident_key", &incidentKey, "Because of which incident.")
    }
}
