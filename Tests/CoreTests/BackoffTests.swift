import Core
import TestSupport
import Testing

@Suite struct `Waiting before another try` {
    @Test func `each wait lies between half its step and the whole, and steps double up to the longest`() throws {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let limits = Backoff.Limits(
                first: .milliseconds(100), longest: .seconds(3), attempts: 12, total: .seconds(600))
            var backoff = Backoff(limits)
            var step = limits.first
            for _ in 0..<limits.attempts {
                let wait = try backoff.next(using: &generator)
                #expect(wait >= step / 2 && wait <= step, "seed \(seed)")
                step = min(step * 2, limits.longest)
            }
        }
    }

    @Test func `the number of attempts is a limit`() throws {
        var generator = SplitMix64(seed: 1)
        var backoff = Backoff(Backoff.Limits(attempts: 3))
        for _ in 0..<3 { _ = try backoff.next(using: &generator) }
        #expect(throws: Backoff.Exhausted.attempts(3)) { try backoff.next(using: &generator) }
        backoff.reset()
        #expect(try backoff.next(using: &generator) <= backoff.limits.first)
    }

    @Test func `the time spent waiting is a limit, met exactly`() throws {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let total = Duration.milliseconds(Int.random(in: 1...20_000, using: &generator))
            var backoff = Backoff(Backoff.Limits(attempts: 1_000, total: total))
            var sum = Duration.zero
            let end = #expect(throws: Backoff.Exhausted.self) {
                while true { sum += try backoff.next(using: &generator) }
            }
            #expect(end == .total(total), "seed \(seed)")
            #expect(sum == total, "seed \(seed)")
        }
    }

    @Test func `no attempt overflows the step`() throws {
        var generator = SplitMix64(seed: 1)
        let longest = Duration.seconds(Int64.max / 4_000)
        var backoff = Backoff(Backoff.Limits(first: .nanoseconds(1), longest: longest, attempts: 200, total: longest))
        #expect(throws: Backoff.Exhausted.self) { while true { _ = try backoff.next(using: &generator) } }
    }

    @Test func `the same generator gives the same waits`() throws {
        func waits() throws -> [Duration] {
            var generator = SplitMix64(seed: 7)
            var backoff = Backoff()
            return try (0..<10).map { _ in try backoff.next(using: &generator) }
        }
        #expect(try waits() == waits())
    }
}
