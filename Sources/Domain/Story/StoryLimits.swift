internal import Core

/// How long a next step may take before its absence is a hole: every wait, with its name.
///
/// A step whose absence is proved by what came after it needs no wait.
public struct StoryLimits: Sendable, Equatable {
    /// From a decision to its answer.
    public var answer = Duration.seconds(60)
    /// From an intent, a hold's end or a refusal to the route's next word.
    public var route = Duration.seconds(120)
    /// Behind an attempt's own deadline, until its outcome is written.
    public var outcome = Duration.seconds(30)
    /// How long an attempt may stay in doubt.
    public var doubt = Duration.seconds(300)
    /// From a request to cancel or replace to its answer.
    public var request = Duration.seconds(120)
    /// From a message of the broker's stream to what the order feed says of it.
    public var feed = Duration.seconds(60)
    /// From an order's end to the shadow's judgement.
    public var parity = Duration.seconds(3_600)
    /// Immediate orders are over at once.
    public var immediateOrder = Duration.seconds(120)
    /// A day's order that was given before a long weekend.
    public var dayOrder = Duration.seconds(5 * 86_400)
    /// The broker cancels after ninety days what is good till canceled.
    public var lastingOrder = Duration.seconds(91 * 86_400)

    public init() {}

    func life(of terms: OrderTerms) -> Duration {
        switch terms.timeInForce {
        case .ioc, .fok: immediateOrder
        case .day, .opg, .cls: dayOrder
        case .gtc: lastingOrder
        }
    }
}
