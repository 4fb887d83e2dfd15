internal import Synchronization

/// A measurement that goes up and down.
public final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)  // The bits of `0.0`.

    init() {}

    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    public func set(_ value: Int) { set(Double(value)) }

    public func add(_ amount: Double) {
        var seen = bits.load(ordering: .relaxed)
        while true {
            let sum = Double(bitPattern: seen) + amount
            let (exchanged, original) = bits.compareExchange(
                expected: seen, desired: sum.bitPattern, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }

    func write(_ series: Series, to text: inout MetricsText) { text.sample(series, value) }
}
