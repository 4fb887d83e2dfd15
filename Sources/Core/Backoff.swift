/// How long to wait before trying again: twice as long each time, jittered, and not for ever.
///
/// A wait lies between half and the whole of its step, so that many who failed together do not come back together,
/// and none comes back at once. Pure: whoever waits also brings the randomness.
public struct Backoff: Sendable, Equatable {
    /// How far the waits go.
    public struct Limits: Sendable, Hashable {
        /// The step of the first wait.
        public var first: Duration
        /// Steps stop doubling here.
        public var longest: Duration
        /// Most waits between two successes.
        public var attempts: Int
        /// Most time spent waiting between two successes; the last wait is cut to what is left of it.
        public var total: Duration

        public init(
            first: Duration = .milliseconds(100), longest: Duration = .seconds(10), attempts: Int = 20,
            total: Duration = .seconds(120)
        ) {
            precondition(first > .zero && longest >= first && attempts >= 0 && total >= .zero, "limits contradict")
            self.first = first
            self.longest = longest
            self.attempts = attempts
            self.total = total
        }
    }

    /// Which limit was reached.
    public enum Exhausted: Error, Equatable, Sendable {
        case attempts(Int)
        case total(Duration)
    }

    public let limits: Limits
    /// Waits given out since the last success.
    public private(set) var attempts = 0
    /// Their sum.
    public private(set) var waited = Duration.zero

    public init(_ limits: Limits = Limits()) { self.limits = limits }

    /// The next wait, or the limit that says there is none.
    public mutating func next(using generator: inout some RandomNumberGenerator) throws(Exhausted) -> Duration {
        guard attempts < limits.attempts else { throw .attempts(limits.attempts) }
        guard waited < limits.total else { throw .total(limits.total) }
        var step = limits.first
        // Stops before the doubling can pass the longest step, so no count of attempts overflows.
        for _ in 0..<attempts where step < limits.longest {
            step = step > limits.longest / 2 ? limits.longest : step * 2
        }
        let share = Int.random(in: 500...1_000, using: &generator)
        let wait = min(step * share / 1_000, limits.total - waited)
        attempts += 1
        waited += wait
        return wait
    }

    /// Starts over: the call succeeded.
    public mutating func reset() {
        attempts = 0
        waited = .zero
    }
}

extension Backoff.Exhausted: CustomStringConvertible {
    public var description: String {
        switch self {
        case .attempts(let count): "gave up after \(count) attempts"
        case .total(let duration): "gave up after waiting \(duration)"
        }
    }
}
