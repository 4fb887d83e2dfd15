/// What a decision was judged by.
public struct Judgement: FieldRecord {
    public var policyHash: ContentHash
    public var configHash: ContentHash
    public var tradingMode: TradingMode
    public var capitalStage: CapitalStage
    public var judgedAt: [LogPosition]

    @inlinable
    public init(
        policyHash: ContentHash, configHash: ContentHash, tradingMode: TradingMode, capitalStage: CapitalStage,
        judgedAt: [LogPosition]
    ) {
        self.policyHash = policyHash
        self.configHash = configHash
        self.tradingMode = tradingMode
        self.capitalStage = capitalStage
        self.judgedAt = judgedAt
    }

    @inlinable
    public init(unread: Unread) {
        policyHash = unread()
        configHash = unread()
        tradingMode = unread()
        capitalStage = unread()
        judgedAt = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("policy_hash", &policyHash, "The policy in force.")
        try fields.field("config_hash", &configHash, "The configuration in force.")
        try fields.field("trading_mode", &tradingMode, "Paper or live.")
        try fields.field("capital_stage", &capitalStage, "How much capital decisions may move.")
        try fields.list("judged_at", &judgedAt, 0...8, "The account and control positions it was judged at.")
    }
}
