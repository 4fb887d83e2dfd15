public import Core

/// Whether a strategy may be promoted.
public struct Governance: FieldRecord {
    public var parityScore: Amount?
    public var promotionReady: Bool
    public var parityMinimumMet: TriState
    public var governanceMinimumMet: TriState
    public var blockingReason: Code?
    public var evaluations: Int64?
    public var governanceScore: Amount?
    public var fills: Int64?
    public var fillScore: Amount?

    @inlinable
    public init(
        parityScore: Amount? = nil, promotionReady: Bool, parityMinimumMet: TriState, governanceMinimumMet: TriState,
        blockingReason: Code? = nil, evaluations: Int64? = nil, governanceScore: Amount? = nil, fills: Int64? = nil,
        fillScore: Amount? = nil
    ) {
        self.parityScore = parityScore
        self.promotionReady = promotionReady
        self.parityMinimumMet = parityMinimumMet
        self.governanceMinimumMet = governanceMinimumMet
        self.blockingReason = blockingReason
        self.evaluations = evaluations
        self.governanceScore = governanceScore
        self.fills = fills
        self.fillScore = fillScore
    }

    @inlinable
    public init(unread: Unread) {
        promotionReady = unread()
        parityMinimumMet = unread()
        governanceMinimumMet = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("parity_score", &parityScore, FieldNote("How alike both are.", unit: "0 to 1"))
        try fields.field("promotion_ready", &promotionReady, "Whether it may.")
        try fields.field("parity_minimum_met", &parityMinimumMet, "Whether parity reached its minimum.")
        try fields.field("governance_minimum_met", &governanceMinimumMet, "Whether governance reached its minimum.")
        try fields.field("blocking_reason", &blockingReason, "What stands against it.")
        try fields.field("evaluations", &evaluations, "Evaluations that say whether both are alike, this one included.")
        try fields.field(
            "governance_score", &governanceScore,
            FieldNote("Part of the evaluations within the strategy's limits.", unit: "0 to 1"))
        try fields.field("fills", &fills, "Real fills of its intents that were held against simulated ones.")
        try fields.field("fill_score", &fillScore, FieldNote("Part of them within the limit.", unit: "0 to 1"))
    }
}
