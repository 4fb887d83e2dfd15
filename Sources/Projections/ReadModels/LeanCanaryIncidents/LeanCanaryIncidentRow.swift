internal import Core
internal import Domain

/// A breach of the canary, and how it ended.
public struct LeanCanaryIncidentRow: StoredRow {
    public static let table = TableName(
        "lean_canary_incidents", .current, "Breaches of the canary, and how they ended.")

    public struct Key: RowKey {
        var incident = Label.blank

        public init() {}

        init(_ incident: Label) { self.incident = incident }

        public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.text("incident_key", &incident, "The incident.")
        }
    }

    public var key = Key()
    var id = RowID(high: 0, low: 0)
    var breach = BreachType.fallbackRatioExceeded
    var severity: Severity?
    var isRolledBack = false
    var symbols: CompactJSON?
    var evidence: CompactJSON?
    var observed: Amount?
    var threshold: Amount?
    var verdict: EventID?
    var resolution: IncidentResolution?
    var resolvedBy: ActorName?
    var resolutionReason: Prose?
    var resolvedAt: Moment?
    var createdAt: Moment?
    var updatedAt: Moment?

    public init() {}

    init(_ key: Key, _ breach: BreachType) {
        self.key = key
        self.breach = breach
        id = RowNames.row(key.incident.text, of: Self.table)
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("id", &id, "Row id.")
        try key.walk(&columns)
        try columns.text("breach_type", &breach, "Which limit.")
        var status = resolution == nil ? "open" : "resolved"
        try columns.column("status", &status, "open or resolved.")
        try columns.text("severity", &severity, "How bad.")
        try columns.column("rollback_triggered", &isRolledBack, "Whether it was rolled back.")
        try columns.column("symbols", &symbols, "Symbols concerned.")
        try columns.column("evidence_json", &evidence, "The whole evidence.")
        try columns.column("observed", &observed, ColumnNote("What was measured.", unit: "as limited"))
        try columns.column("threshold", &threshold, ColumnNote("The limit.", unit: "as limited"))
        try columns.column("verdict_event_id", &verdict, "The verdict that opened it.")
        try columns.text("resolution", &resolution, "How it ended.")
        try columns.text("resolved_by", &resolvedBy, "Who says so.")
        try columns.text("resolution_reason", &resolutionReason, "Why.")
        try columns.column("resolved_at", &resolvedAt, "When.")
        var (created, updated) = (createdAt ?? .zero, updatedAt ?? .zero)
        try columns.column("created_at", &created, "The earliest event about it.")
        try columns.column("updated_at", &updated, "The latest event about it.")
        (createdAt, updatedAt) = (created, updated)
    }
}
