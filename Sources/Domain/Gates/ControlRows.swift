public import Core

/// A symbol that waits for a person.
public struct ReviewedSymbol: KeyedRow {
    public var symbol: Symbol
    public var openedBy: EventID
    public var key: Symbol { symbol }

    init(symbol: Symbol, openedBy: EventID) {
        self.symbol = symbol
        self.openedBy = openedBy
    }

    public init(unread: Unread) {
        symbol = unread()
        openedBy = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("symbol", &symbol, "Which.")
        try fields.field("opened_by", &openedBy, "By which event.")
    }
}

/// Whether a strategy may trade.
public struct StrategyStanding: KeyedRow {
    public var strategy: StrategyID
    public var isEnabled: Bool
    public var changedBy: EventID
    public var definitionHash: ContentHash?
    public var key: StrategyID { strategy }

    init(strategy: StrategyID, isEnabled: Bool, changedBy: EventID, definitionHash: ContentHash?) {
        self.strategy = strategy
        self.isEnabled = isEnabled
        self.changedBy = changedBy
        self.definitionHash = definitionHash
    }

    public init(unread: Unread) {
        strategy = unread()
        isEnabled = unread()
        changedBy = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("strategy", &strategy, "Which.")
        try fields.field("is_enabled", &isEnabled, "Whether it may trade.")
        try fields.field("changed_by", &changedBy, "By which event.")
        try fields.field("definition_hash", &definitionHash, "What it is.")
    }
}

/// What is known of an adapter: its breaker and its health.
public struct AdapterStanding: KeyedRow {
    public var adapter: Adapter
    public var breaker: BreakerState
    public var breakerJudgedBy: EventID?
    public var breakerJudgedAt: Timestamp?
    public var probesAllowed: Int64
    public var probePartition: Int64?
    public var retryAt: Timestamp?
    public var health: HealthState?
    public var healthObservedAt: Timestamp?
    public var key: String { adapter.rawValue }

    init(_ adapter: Adapter) {
        self.adapter = adapter
        breaker = .closed
        probesAllowed = 0
    }

    public init(unread: Unread) {
        adapter = unread()
        breaker = unread()
        probesAllowed = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("adapter", &adapter, "Which.")
        try fields.field("breaker", &breaker, "Its breaker.")
        try fields.field("breaker_judged_by", &breakerJudgedBy, "By which event.")
        try fields.field("breaker_judged_at", &breakerJudgedAt, "When.")
        try fields.field("probes_allowed", &probesAllowed, "Probes while it is half open.")
        try fields.field("probe_partition", &probePartition, "Whose router may send them.")
        try fields.field("retry_at", &retryAt, "When it may be half open.")
        try fields.field("health", &health, "Its health.")
        try fields.field("health_observed_at", &healthObservedAt, "When that was seen.")
    }
}

/// What the holder of a broker's update stream said of it last.
public struct StreamWord: KeyedRow {
    public var stream: Label
    public var epoch: Int64
    /// `nil` while it is not ready.
    public var readyUntil: Timestamp?
    public var key: Label { stream }

    init(stream: Label, epoch: Int64, readyUntil: Timestamp?) {
        self.stream = stream
        self.epoch = epoch
        self.readyUntil = readyUntil
    }

    public init(unread: Unread) {
        stream = unread()
        epoch = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("stream", &stream, "Which.")
        try fields.field("epoch", &epoch, "Of which holder.")
        try fields.field("ready_until", &readyUntil, "How long it may be taken for ready.")
    }
}
