import Testing

@testable import API

@Suite struct `A span of decisions` {
    private static let second: Int64 = 1_000_000
    private static let hour = 3_600 * second
    /// The moment 2026-02-12T14:03:07.25Z.
    private static let now: Int64 = 1_770_904_987_250_000

    private func span(
        _ since: Int64? = nil, _ until: Int64? = nil, _ step: String? = nil
    ) throws(Problem) -> DecisionSpan {
        try DecisionSpan(since: since, until: until, step: step, now: Self.now)
    }

    @Test func `is the last hour in whole minutes, unless it is said`() throws {
        let span = try span()
        #expect(span.step.name == "1m" && span.count == 60)
        #expect(span.until % (60 * Self.second) == 0 && span.until > Self.now)
        #expect(span.until - Self.now <= 60 * Self.second)
        #expect(span.since == span.until - Self.hour && span.first == span.since)
    }

    @Test(arguments: [
        (1, "1s"), (60, "1s"), (61, "5s"), (300, "5s"), (900, "15s"), (901, "1m"), (3_601, "5m"), (86_400, "1h"),
        (31 * 86_400, "1d"),
    ])
    func `has the shortest steps of which there are at most sixty`(seconds: Int64, step: String) throws {
        let until = Self.now / Self.second * Self.second
        let span = try span(until - seconds * Self.second, until)
        #expect(span.step.name == step)
        #expect(span.since == until - seconds * Self.second && span.until == until)
        // Steps begin where clocks begin them: there may be one more.
        #expect(span.count <= 61)
    }

    @Test(arguments: DecisionSpan.steps.map(\.name), [Self.now, 100 * Self.second, 86_400_000_001])
    func `begins its steps where a clock does, before it and not after`(step: String, until: Int64) throws {
        let since = until - 100 * Self.second
        let span = try span(since, until, step)
        let length = span.step.micros
        #expect(span.first % length == 0 && span.first <= since && span.first > since - length)
        let end = span.begin(of: span.count)
        #expect(end >= until && end < until + length)
        for index in 0..<span.count { #expect(span.index(of: span.begin(of: index)) == index) }
        #expect(span.index(of: end) == nil && span.index(of: span.first - length) == nil)
        #expect(span.index(of: span.first + 1) == nil)
    }

    @Test func `has at most so many steps and days, and an end behind its begin`() throws {
        let until = Self.now / Self.second * Self.second
        #expect(try span(until - 500 * Self.second, until, "1s").count == 500)
        let days = 31 * 86_400 * Self.second
        #expect(try span(until - days, until, "6h").count == 125)
        #expect(try span(nil, 60 * Self.second).since == 0)
        let refused: [(String, Int64?, Int64?, String?)] = [
            ("bucket", until - 501 * Self.second, until, "1s"), ("bucket", nil, nil, "1s"),
            ("since", until - days - 1, until, nil), ("since", until, until, nil), ("since", until + 1, until, nil),
            ("since", Self.now + 1, nil, nil), ("since", -1, until, nil), ("since", nil, 0, nil),
            ("since", nil, -1, nil),
        ]
        for (name, since, end, step) in refused {
            let problem = #expect(throws: Problem.self) { try span(since, end, step) }
            #expect(problem?.code == .invalidParameter && problem?.faults.map(\.name) == [name], "\(name)")
        }
    }
}
