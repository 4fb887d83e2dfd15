public import Core

/// A strategy's intent was evaluated beside ours.
public struct StrategyShadowEvaluated: Payload {
    @inlinable public static var type: EventType { .strategyShadow(.strategyShadowEvaluated) }

    public var runID: Label
    public var strategyID: StrategyID
    public var decisionHash: DecisionHash?
    public var intentJSON: CompactJSON
    public var shadowJSON: CompactJSON
    public var parityStatus: ParityStatus
    public var governanceJSON: Governance
    public var disableSwitchActive: Bool
    public var authorityMode: AuthorityMode
    public var latencyMicroseconds: Int64?
    public var checksMet: TriState?
    public var definitionHash: ContentHash?

    @inlinable
    public init(
        runID: Label, strategyID: StrategyID, decisionHash: DecisionHash? = nil, intentJSON: CompactJSON,
        shadowJSON: CompactJSON, parityStatus: ParityStatus, governanceJSON: Governance, disableSwitchActive: Bool,
        authorityMode: AuthorityMode, latencyMicroseconds: Int64? = nil, checksMet: TriState? = nil,
        definitionHash: ContentHash? = nil
    ) {
        self.runID = runID
        self.strategyID = strategyID
        self.decisionHash = decisionHash
        self.intentJSON = intentJSON
        self.shadowJSON = shadowJSON
        self.parityStatus = parityStatus
        self.governanceJSON = governanceJSON
        self.disableSwitchActive = disableSwitchActive
        self.authorityMode = authorityMode
        self.latencyMicroseconds = latencyMicroseconds
        self.checksMet = checksMet
        self.definitionHash = definitionHash
    }

    @inlinable
    public init(unread: Unread) {
        runID = unread()
        strategyID = unread()
        intentJSON = unread()
        shadowJSON = unread()
        parityStatus = unread()
        governanceJSON = unread()
        disableSwitchActive = unread()
        authorityMode = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("run_id", &runID, "This evaluation.")
        try fields.field("strategy_id", &strategyID, "The strategy.")
        try fields.field("decision_hash", &decisionHash, "The decision it stood beside.")
        try fields.field("intent_json", &intentJSON, "What was evaluated.")
        try fields.field("shadow_json", &shadowJSON, "The runtime's answer.")
        try fields.field("parity_status", &parityStatus, "Whether both agree.")
        try fields.field("governance_json", &governanceJSON, "What follows from it.")
        try fields.field("disable_switch_active", &disableSwitchActive, "Whether the lanes were disabled.")
        try fields.field("authority_mode", &authorityMode, "How much this proves.")
        try fields.field("latency_us", &latencyMicroseconds, FieldNote("How long it took.", unit: "microseconds"))
        try fields.field("checks_met", &checksMet, "Whether this intent alone is within the strategy's limits.")
        try fields.field(
            "definition_hash", &definitionHash, "Under which definition; evidence of another one is none of this.")
    }
}
