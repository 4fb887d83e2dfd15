internal import Core
internal import Domain
internal import Wire

/// One word of an operator or a gate.
public struct ControlHistoryRow: StoredRow {
    public static let table = TableName(
        "control_history", .transitions, "Everything that operators and gates ever said.")

    public var key = LogOffset()
    var eventID = EventID(high: 0, low: 0)
    var eventType = ""
    var control = ""
    var scope = ""
    var name = ""
    var state = ""
    var value: String?
    var actor = ActorName.blank
    var reason = ""
    var at = Moment.zero
    var nanoseconds: Int32 = 0
    var details = CompactJSON.emptyObject

    public init() {}

    init(_ word: ControlWord, _ event: Event, at offset: Int64) {
        key = LogOffset(offset)
        eventID = event.envelope.eventID
        eventType = event.content.type.name
        control = word.control
        scope = word.scope
        name = word.name
        state = word.state
        value = word.value
        actor = word.actor
        reason = word.reason
        at = Moment(event.envelope.eventTime)
        nanoseconds = Moment.nanoseconds(of: event.envelope.eventTime)
        details = EventEncoder.payload(of: event)
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        try columns.column("event_id", &eventID, "The event.")
        try columns.column("event_type", &eventType, "Its type.")
        try columns.column("control", &control, "What it is about.")
        try columns.column("scope", &scope, "What it applies to.")
        try columns.column("name", &name, "Which of several in the scope.")
        try columns.column("state", &state, "The state.")
        try columns.column("value", &value, "What goes with it.")
        try columns.text("actor", &actor, "Who set it.")
        try columns.column("reason", &reason, "Why.")
        try columns.column("event_ts", &at, "When.")
        try columns.column("event_ts_ns", &nanoseconds, ColumnNote("What that leaves out.", unit: "nanoseconds"))
        try columns.column("details_json", &details, "The whole payload.")
    }
}
