internal import Synchronization

/// A count that somebody else keeps, such as the kernel or a library, and that is told here as it stands.
public final class MeasuredCounter: Sendable {
    private let bits = Atomic<UInt64>(0)  // The bits of `0.0`.

    init() {}

    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func write(_ series: Series, to text: inout MetricsText) { text.sample(series, value) }
}
