public import Core

/// Whether a strategy may be promoted.
public struct Governance: FieldRecord {
    public var parityScore: Amount?
    public var promotionReady: Bool
    public var parityMinimumMet: TriState
    public var governanceMinimumMet: TriState
    public var blockingReason: Code?

    @inlinable
    public init(
        parityScore: Amount? = nil, promotionReady: Bool, parityMinimumMet: TriState, governanceMinimumMet: TriState,
        blockingReason: Code? = nil
    ) {
        self.parityScore = parityScore
        self.promotionReady = promotionReady
        self.parityMinimumMet = parityMinimumMet
        self.governanceMinimumMet = governanceMinimumMet
        self.blockingReason = blockingReason
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
    }
}
