internal import Core
internal import Domain

/// What does not fit, until it does.
public struct DiscrepancyRow: StoredRow {
    public static let table = TableName("discrepancies", .current, "What does not fit, until it does.")

    public struct Key: RowKey {
        var account = AccountLabel.blank
        var id = EventID(high: 0, low: 0)
        var symbol = Symbol.blank

        public init() {}

        init(_ id: EventID, _ scope: SymbolScope) {
            account = scope.account
            self.id = id
            symbol = scope.symbol
        }

        public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.text("alpaca_account_label", &account, "Whose account.")
            try columns.column("discrepancy_id", &id, "The discrepancy.")
            try columns.text("symbol", &symbol, "The symbol.")
        }
    }

    public var key = Key()
    var kind = DiscrepancyKind.unknownBrokerOrder
    var severity: Severity?
    var order = OrderKey()
    var expected: Prose?
    var observed: Prose?
    var difference: Amount?
    var detectedBy: Code?
    var evidence: CompactJSON?
    var foundAt: Moment?
    var foundCount: Int64 = 0
    var resolution: DiscrepancyResolution?
    var resolvedBy: ActorName?
    var resolutionReason: Prose?
    var resolvedAt: Moment?
    var createdAt: Moment?
    var updatedAt: Moment?

    public init() {}

    init(_ key: Key, _ kind: DiscrepancyKind) {
        self.key = key
        self.kind = kind
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        try columns.text("kind", &kind, "What does not fit.")
        var status = resolution == nil ? "open" : "resolved"
        try columns.column("status", &status, "open or resolved.")
        try columns.text("severity", &severity, "How bad.")
        try columns.text("client_order_id", &order.clientOrderID, "Our id of the order.")
        try columns.text("alpaca_order_id", &order.alpacaOrderID, "The broker's id of the order.")
        try columns.text("decision_hash", &order.decisionHash, "The decision.")
        try columns.column("intent_id", &order.intentID, "The intent.")
        try columns.text("expected", &expected, "What we believed.")
        try columns.text("observed", &observed, "What was seen.")
        try columns.column("difference", &difference, ColumnNote("By how much.", unit: "as compared"))
        try columns.text("detected_by", &detectedBy, "Which check.")
        try columns.column("evidence", &evidence, "The facts.")
        try columns.column("found_at", &foundAt, "When it was first found.")
        try columns.column("found_count", &foundCount, "How often it was found.")
        try columns.text("resolution", &resolution, "How it ended.")
        try columns.text("resolved_by", &resolvedBy, "Who ended it.")
        try columns.text("resolution_reason", &resolutionReason, "Why.")
        try columns.column("resolved_at", &resolvedAt, "When.")
        var (created, updated) = (createdAt ?? .zero, updatedAt ?? .zero)
        try columns.column("created_at", &created, "The earliest event about it.")
        try columns.column("updated_at", &updated, "The latest event about it.")
        (createdAt, updatedAt) = (created, updated)
    }
}
