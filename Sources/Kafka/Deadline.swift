/// A moment after which nobody waits any longer, handed down through calls that each take a timeout.
struct Deadline: Sendable {
    private let end: ContinuousClock.Instant

    init(after limit: Duration) { end = ContinuousClock.now + limit }

    var hasPassed: Bool { ContinuousClock.now >= end }

    /// What is left, as librdkafka counts: at least 1, because 0 and −1 mean other things there.
    var milliseconds: Int32 {
        Int32(clamping: max(1, (end - ContinuousClock.now).milliseconds))
    }
}

extension Duration {
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds < 0 ? .min : .max) : whole &+ attoseconds / 1_000_000_000_000_000
    }
}
