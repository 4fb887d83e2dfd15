internal import Core
internal import Domain

/// Whether a strategy may trade.
public struct StrategyRow: StoredRow {
    public static let table = TableName("strategies", .current, "Which strategies may trade.")

    public struct Key: RowKey {
        var strategy = StrategyID.blank

        public init() {}

        init(_ strategy: StrategyID) { self.strategy = strategy }

        public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.text("strategy_id", &strategy, "The strategy.")
        }
    }

    public var key = Key()
    var id = RowID(high: 0, low: 0)
    var isEnabled = false
    var definitionHash: ContentHash?
    var definition: CompactJSON?
    var routeParity: EventID?
    var actor = ActorName.blank
    var reason = ""
    var enabledAt: Moment?
    var disabledAt: Moment?
    var createdAt: Moment?
    var updatedAt: Moment?

    public init() {}

    init(_ key: Key) {
        self.key = key
        id = RowNames.row(key.strategy.text, of: Self.table)
    }

    mutating func enable(_ it: StrategyEnabled, at time: Moment) {
        obey(it.order, at: time)
        isEnabled = true
        definitionHash = it.definitionHash ?? definitionHash
        definition = it.definitionJSON ?? definition
        routeParity = it.routeParityEventID ?? routeParity
        enabledAt = time
    }

    mutating func disable(_ it: StrategyDisabled, at time: Moment) {
        obey(it.order, at: time)
        isEnabled = false
        disabledAt = time
    }

    private mutating func obey(_ order: ControlOrder, at time: Moment) {
        actor = order.actor
        reason = order.reason.text
        createdAt.lower(to: time)
        updatedAt.raise(to: time)
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("id", &id, "Row id.")
        try key.walk(&columns)
        try columns.column("enabled", &isEnabled, "Whether it may trade.")
        try columns.text("definition_hash", &definitionHash, "What its definition hashes to.")
        try columns.column("definition_json", &definition, "Its definition: universe, timeframe, limits.")
        try columns.column("route_parity_event_id", &routeParity, "The proof of route parity.")
        try columns.text("actor", &actor, "Who said so last.")
        try columns.column("reason", &reason, "Why.")
        try columns.column("enabled_at", &enabledAt, "When it was last enabled.")
        try columns.column("disabled_at", &disabledAt, "When it was last disabled.")
        var (created, updated) = (createdAt ?? .zero, updatedAt ?? .zero)
        try columns.column("created_at", &created, "The earliest event about it.")
        try columns.column("updated_at", &updated, "The latest event about it.")
        (createdAt, updatedAt) = (created, updated)
    }
}
