internal import Core
internal import Domain
internal import Wire

/// What is in force, who set it and why.
public struct ControlStateRow: StoredRow {
    public static let table = TableName("control_state", .current, "What is in force, who set it and why.")

    public struct Key: RowKey {
        var control = ""
        var scope = ""
        var name = ""

        public init() {}

        init(_ word: ControlWord) {
            control = word.control
            scope = word.scope
            name = word.name
        }

        public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.column("control", &control, "What it is about.")
            try columns.column("scope", &scope, "What it applies to.")
            try columns.column("name", &name, "Which of several in the scope.")
        }
    }

    public var key = Key()
    var id = RowID(high: 0, low: 0)
    var state = ""
    var value: String?
    var actor = ActorName.blank
    var reason = ""
    var expiresAt: Moment?
    var eventID = EventID(high: 0, low: 0)
    var offset: Int64 = 0
    var effectiveAt = Moment.zero
    var changedAt: Moment?
    var details = CompactJSON.emptyObject
    var createdAt: Moment?
    var updatedAt: Moment?

    public init() {}

    init(_ key: Key) {
        self.key = key
        id = RowNames.row("\(key.control)\n\(key.scope)\n\(key.name)", of: Self.table)
    }

    mutating func take(_ word: ControlWord, _ event: Event, at offset: Int64) {
        let time = Moment(event.envelope.eventTime)
        if changedAt == nil || state != word.state || value != word.value { changedAt = time }
        state = word.state
        value = word.value
        actor = word.actor
        reason = word.reason
        expiresAt = word.expiresAt
        eventID = event.envelope.eventID
        self.offset = offset
        effectiveAt = time
        details = EventEncoder.payload(of: event)
        createdAt.lower(to: time)
        updatedAt.raise(to: time)
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("id", &id, "Row id.")
        try key.walk(&columns)
        try columns.column("state", &state, "The state.")
        try columns.column("value", &value, "What goes with it.")
        try columns.text("actor", &actor, "Who set it.")
        try columns.column("reason", &reason, "Why.")
        try columns.column("expires_at", &expiresAt, "When it ends.")
        try columns.column("event_id", &eventID, "The event that set it.")
        try columns.column("log_offset", &offset, "Where that lies in torghut.control.v1.")
        try columns.column("effective_at", &effectiveAt, "When it was said last.")
        var (changed, created, updated) = (changedAt ?? .zero, createdAt ?? .zero, updatedAt ?? .zero)
        try columns.column("changed_at", &changed, "When state or value last changed.")
        try columns.column("details_json", &details, "The whole payload.")
        try columns.column("created_at", &created, "The earliest event about it.")
        try columns.column("updated_at", &updated, "The latest event about it.")
        (changedAt, createdAt, updatedAt) = (changed, created, updated)
    }
}
