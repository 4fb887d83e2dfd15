internal import Synchronization

/// A count that only goes up.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    public var value: UInt64 { count.load(ordering: .relaxed) }

    public func increment(by amount: UInt64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }

    func write(_ series: Series, to text: inout MetricsText) { text.sample(series, value) }
}
