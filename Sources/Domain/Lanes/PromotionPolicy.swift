public import Core

/// What a strategy must have shown before it may be promoted, as a value.
public struct PromotionPolicy: Sendable, Equatable {
    /// Evaluations that said whether both are alike; fewer prove nothing.
    public var minimumEvaluations: Int64 = 20
    /// Part of them in which both were alike.
    public var parityMinimum = Amount(units: 600_000_000)
    /// Part of the evaluations within the strategy's limits, and of the real fills within theirs.
    public var governanceMinimum = Amount(units: 750_000_000)
    /// Real fills of its intents that were held against simulated ones.
    public var minimumFills: Int64 = 20
    /// Intents of which nothing was heard for so long are forgotten; what they counted stays.
    public var memory: Duration = .seconds(7 * 86_400)
    /// An intent that nobody could ask about within this time is asked about no more.
    public var maximumAge: Duration = .seconds(86_400)

    public init() {}
}
