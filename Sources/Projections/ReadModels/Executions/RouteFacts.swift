internal import Core
internal import Domain

/// What the router says of an order: which way it was to go, went, and why; written once.
struct RouteFacts: Sendable, Equatable {
    /// What the attempt that has the order says of its way.
    struct Taking: Sendable, Equatable {
        var said: AttemptSaying
        var adapter: Adapter
        var route: ExecutionRoute?
        var fallbackReason: Code?
        var correlation: CorrelationID
        var audit: CompactJSON?
    }

    struct Expectation: Sendable, Equatable {
        var said: AttemptSaying
        var adapter: Adapter
        var key: ClientOrderID
    }

    struct Fallback: Sendable, Equatable {
        var said: AttemptSaying
        var reason: Code
    }

    struct Visit: Sendable, Equatable {
        var said: AttemptSaying
        var adapter: Adapter
    }

    /// Where the router is with it.
    struct Step: Sendable, Equatable, Comparable {
        var attempt: Int64
        var step: Int32

        static let prepared: Int32 = 0
        static let unknown: Int32 = 1
        static let settled: Int32 = 2

        static func < (left: Step, right: Step) -> Bool {
            left.attempt == right.attempt ? left.step < right.step : left.attempt < right.attempt
        }
    }

    var strategy: StrategyID?
    var intent: IntentID?
    var step: Step?
    var expected: Expectation?
    var taking: Taking?
    var visit: Visit?
    var fallback: Fallback?
    var fallbackCount: Int64 = 0
    var replacesClient: ClientOrderID?
    var replacedByClient: ClientOrderID?

    var fallbackReason: Code? { fallback?.reason ?? taking?.fallbackReason }

    mutating func merge(_ other: RouteFacts) {
        strategy.lower(to: other.strategy)
        intent.lower(to: other.intent)
        step.raise(to: other.step)
        if let theirs = other.expected, expected.map({ theirs.said < $0.said }) ?? true { expected = theirs }
        if let theirs = other.taking, taking.map({ theirs.said < $0.said }) ?? true { taking = theirs }
        if let theirs = other.visit, visit.map({ $0.said < theirs.said }) ?? true { visit = theirs }
        if let theirs = other.fallback, fallback.map({ theirs.said < $0.said }) ?? true { fallback = theirs }
        fallbackCount = max(fallbackCount, other.fallbackCount)
        replacesClient.lower(to: other.replacesClient)
        replacedByClient.lower(to: other.replacedByClient)
    }
}
