public import Core

/// How the shadow of live orders is judged, as a value.
public struct ShadowPolicy: Sendable, Equatable {
    /// A real price further from the simulated one than this, on either side, is drift.
    public var parityLimitBps: Amount = 3
    /// From the decision: an order that is open after this cannot be judged yet.
    public var horizon: Duration = .seconds(900)
    /// Of an order that ended, at least this part must be filled for its price to say anything.
    public var minimumFill = Amount(units: Amount.unitsPerOne / 2)
    /// Judgements of one intent, each for what changed after the one before.
    public var maximumRevisions: Int64 = 16
    /// Intents of which nothing was heard for so long are forgotten, unless an order of theirs is open.
    public var memory: Duration = .seconds(7 * 86_400)
    /// Intents with an open order of which so long nothing was heard; of more than these the oldest are forgotten.
    public var maximumOpen = 100_000
    /// An intent that nobody could ask for within this time is asked for no more.
    public var maximumAge: Duration = .seconds(86_400)

    public init() {}
}
