internal import Synchronization

/// How measurements are spread: how many were at most each bound, how many there were, and their sum.
public final class Histogram: Sendable {
    /// A sum and counts that belong together.
    public struct Snapshot: Equatable, Sendable {
        /// Measurements per bucket, not yet added up; the last one counts what is above every bound.
        public fileprivate(set) var counts: [UInt64]
        public fileprivate(set) var sum = 0.0

        public var count: UInt64 { counts.reduce(0, +) }
    }

    /// From a tenth of a millisecond to ten seconds.
    public static let latencies = [
        0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    /// From five milliseconds to ten seconds, as the original had them.
    public static let turns = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// From ten milliseconds to a day, for how far something is behind.
    public static let lags: [Double] = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600, 86_400]
    /// From one to a hundred thousand, for batches.
    public static let sizes: [Double] = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000]

    public let bounds: [Double]
    /// The label of each bucket, as it is written.
    private let labels: [String]
    private let state: Mutex<Snapshot>

    init(bounds: [Double]) {
        self.bounds = bounds
        labels = Self.labels(bounds)
        state = Mutex(Snapshot(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    public var snapshot: Snapshot { state.withLock { $0 } }

    /// A measurement equal to a bound counts below it.
    ///
    /// One that is no number is above every bound, and spoils the sum where everybody sees it.
    public func observe(_ measurement: Double) {
        let bucket = bounds.firstIndex { measurement <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += measurement
        }
    }

    /// Takes over measurements that were counted elsewhere: so many per bucket, the last above every bound.
    public func add(_ counts: [UInt64], sum: Double) {
        precondition(counts.count == bounds.count + 1, "counts of other buckets")
        state.withLock { state in
            for index in counts.indices { state.counts[index] += counts[index] }
            state.sum += sum
        }
    }

    /// In seconds.
    public func observe(_ duration: Duration) {
        let parts = duration.components
        observe(Double(parts.seconds) + Double(parts.attoseconds) / 1e18)
    }

    func write(_ series: Series, to text: inout MetricsText) { write(series, labels, times: 1, to: &text) }

    /// The same measurements in a unit of which so many are one of ours.
    func write(_ series: Series, times factor: Double, to text: inout MetricsText) {
        write(series, Self.labels(bounds.map { Self.rounded($0 * factor) }), times: factor, to: &text)
    }

    private static func labels(_ bounds: [Double]) -> [String] {
        (bounds + [.infinity]).map { "le=\"\(MetricsText.number($0))\"" }
    }

    /// A bound is a short number in every unit.
    private static func rounded(_ bound: Double) -> Double { (bound * 1e9).rounded() / 1e9 }

    private func write(_ series: Series, _ labels: [String], times factor: Double, to text: inout MetricsText) {
        let (snapshot, buckets) = (snapshot, series.suffixed("_bucket"))
        var below: UInt64 = 0
        for (label, count) in zip(labels, snapshot.counts) {
            below += count
            text.sample(buckets, and: label, below)
        }
        text.sample(series.suffixed("_sum"), snapshot.sum * factor)
        text.sample(series.suffixed("_count"), below)
    }
}
