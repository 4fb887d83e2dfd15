internal import Core
internal import Domain

/// One attempt to bring an intent to an adapter.
public struct RouteAttemptRow: StoredRow {
    public static let table = TableName(
        "route_attempts", .current, "Every attempt to bring an intent to an adapter.",
        indexes: [
            TableIndex("route_attempts_client_order_id_idx", on: "client_order_id", why: "The attempts of an order.")
        ])

    public struct Key: RowKey {
        var account = AccountLabel.blank
        var attempt = AttemptID(high: 0, low: 0)
        var symbol = Symbol.blank

        public init() {}

        init(_ attempt: AttemptID, _ scope: SymbolScope) {
            account = scope.account
            self.attempt = attempt
            symbol = scope.symbol
        }

        public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.text("alpaca_account_label", &account, "Whose account.")
            try columns.column("attempt_id", &attempt, "The attempt.")
            try columns.text("symbol", &symbol, "The symbol.")
        }
    }

    public var key = Key()
    var intent = IntentID(high: 0, low: 0)
    var decision = DecisionHash((0, 0, 0, 0))
    var client = ClientOrderID.blank
    var number: Int64 = 0
    var state = AttemptState.prepared
    var request = Request()
    var evidence: RouteEvidence?
    /// Where it was, when only a fallback from it is known.
    var leftAdapter: Adapter?
    var route: ExecutionRoute?
    var alpaca: BrokerOrderID?
    var brokerStatus: BrokerWord?
    var rejectionClass: RejectionClass?
    var proof: Proof?
    var taxonomy: FailureTaxonomy?
    var fallbackAllowed: Bool?
    var resolution: Resolution?
    var foundBy: EvidenceKind?
    var resolutionActor: ActorName?
    var reply: AdapterReply?
    var sentAt: Moment?
    var sentBytes: Int64?
    var fallbackTo: Adapter?
    var fallbackReason: Code?
    var createdAt: Moment?
    var updatedAt: Moment?

    public init() {}

    init(_ key: AttemptKey, _ scope: SymbolScope) {
        self.key = Key(key.attemptID, scope)
        intent = key.intentID
        decision = key.decisionHash
        client = key.clientOrderID
        number = key.attempt
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        try columns.column("intent_id", &intent, "The intent.")
        try columns.text("decision_hash", &decision, "The decision behind it.")
        try columns.text("client_order_id", &client, "The id both routes use.")
        try columns.column("attempt", &number, "Its number within the intent, from 1.")
        try state.walk(&columns)
        try request.walk(&columns)
        try walkEvidence(&columns)
        try walkOutcome(&columns)
        try walkReply(&columns)
        try columns.column("sent_at", &sentAt, "When its first byte went out.")
        try columns.column("sent_bytes", &sentBytes, ColumnNote("How many went out.", unit: "bytes"))
        try columns.text("fallback_to", &fallbackTo, "Where the next attempt goes.")
        try columns.text("fallback_reason", &fallbackReason, "Why.")
        var (created, updated) = (createdAt ?? .zero, updatedAt ?? .zero)
        try columns.column("created_at", &created, "The earliest event about it.")
        try columns.column("updated_at", &updated, "The latest event about it.")
        (createdAt, updatedAt) = (created, updated)
    }
}
