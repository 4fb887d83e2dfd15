internal import Core
internal import JSON

/// What became of the decisions of a span: verdicts and their reasons, in sum and step by step.
struct DecisionSummary: Sendable {
    /// A decision's verdict follows from how far it ever came; none goes back.
    enum Verdict: Int, Sendable, CaseIterable {
        /// Nobody has judged it yet.
        case unanswered = 0
        case blocked = 1
        case rejected = 2
        /// It became an intent, whatever came of that.
        case accepted = 3

        var name: StaticString {
            switch self {
            case .unanswered: "unanswered"
            case .blocked: "blocked"
            case .rejected: "rejected"
            case .accepted: "accepted"
            }
        }
    }

    struct Reason: Hashable, Sendable {
        let verdict: Verdict
        let name: String
    }

    struct Tally: Sendable {
        /// Step by step.
        var counts: [Int64]
        /// How often it was the first of several.
        var first: Int64 = 0

        var sum: Int64 { counts.reduce(0, +) }
    }

    let span: DecisionSpan
    private var verdicts: [Verdict: [Int64]]
    private var reasons: [Reason: Tally] = [:]
    private var conflicted: Int64 = 0
    private var latest: Int64?
    private var oldestUnanswered: Int64?
    var measures = DecisionMeasures()

    init(_ span: DecisionSpan) {
        self.span = span
        let none = [Int64](repeating: 0, count: span.count)
        verdicts = Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ($0, none) })
    }

    /// Decisions of one step and verdict.
    mutating func take(
        _ verdict: Verdict, at step: Int, decisions: Int64, conflicted: Int64, earliest: Int64, latest: Int64
    ) {
        verdicts[verdict]?[step] += decisions
        self.conflicted += conflicted
        self.latest = max(self.latest ?? latest, latest)
        if verdict == .unanswered { oldestUnanswered = min(oldestUnanswered ?? earliest, earliest) }
    }

    /// Decisions of one step that have a reason among theirs; of so many it is the first.
    mutating func take(_ reason: Reason, at step: Int, decisions: Int64, first: Int64) {
        var tally = reasons[reason] ?? Tally(counts: [Int64](repeating: 0, count: span.count))
        tally.counts[step] += decisions
        tally.first += first
        reasons[reason] = tally
    }

    private func sum(_ verdict: Verdict) -> Int64 { (verdicts[verdict] ?? []).reduce(0, +) }
}

extension DecisionSummary {
    func written() -> [UInt8] {
        var json = JSONWriter(reserving: 2_048 + span.count * (128 + reasons.count * 4))
        json.object { json in
            json.moment("since", span.since)
            json.moment("until", span.until)
            json.key("bucket")
            json.string(span.step.name)
            json.number("bucket_seconds", span.step.seconds)
            json.number("decisions", Verdict.allCases.reduce(0) { $0 + sum($1) })
            for verdict in Verdict.allCases.reversed() { json.number(verdict.name, sum(verdict)) }
            json.number("conflicted", conflicted)
            json.moment("latest_at", latest)
            json.moment("oldest_unanswered_at", oldestUnanswered)
            json.key("reasons")
            json.array { json in for (reason, tally) in inOrder { Self.write(reason, tally, &json) } }
            json.key("buckets")
            json.array { json in for step in 0..<span.count { write(step, &json) } }
            measures.write(&json)
        }
        return json.finish()
    }

    /// The most frequent first.
    private var inOrder: [(key: Reason, value: Tally)] {
        reasons.sorted { left, right in
            let (more, less) = (left.value.sum, right.value.sum)
            if more != less { return more > less }
            return (left.key.verdict.rawValue, left.key.name) < (right.key.verdict.rawValue, right.key.name)
        }
    }

    private static func write(_ reason: Reason, _ tally: Tally, _ json: inout JSONWriter) {
        json.object { json in
            json.key("verdict")
            json.string("\(reason.verdict.name)")
            json.key("reason")
            json.string(reason.name)
            json.number("decisions", tally.sum)
            json.number("first", tally.first)
            json.key("counts")
            json.array { json in for count in tally.counts { json.integer(count) } }
        }
    }

    private func write(_ step: Int, _ json: inout JSONWriter) {
        json.object { json in
            json.moment("at", span.begin(of: step))
            for verdict in Verdict.allCases.reversed() { json.number(verdict.name, verdicts[verdict]?[step] ?? 0) }
        }
    }

    static let shape = Shape.object(
        [
            Shape.Field("since", .timestamp), Shape.Field("until", .timestamp),
            Shape.Field("bucket", .choice(DecisionSpan.steps.map(\.name))),
            Shape.Field("bucket_seconds", .integer(1 ... .max)), Shape.Field("decisions", count),
        ] + verdicts + [
            Shape.Field("conflicted", count, "Their hash came again with another body."),
            Shape.Field("latest_at", .nullable(.timestamp)),
            Shape.Field("oldest_unanswered_at", .nullable(.timestamp)),
            Shape.Field("reasons", .list(reason, maximum: 1_000_000), "The most frequent first."),
            Shape.Field(
                "buckets",
                .list(
                    .object([Shape.Field("at", .timestamp)] + verdicts, isClosed: true),
                    maximum: Int(DecisionSpan.maximumSteps)),
                "Every step, also one in which nothing was decided."),
        ] + DecisionMeasures.fields, isClosed: true)

    private static let count = Shape.integer(0 ... .max)

    private static let verdicts = [
        Shape.Field("accepted", count, "They became intents, whatever came of these."),
        Shape.Field("rejected", count, "A rule refused them."), Shape.Field("blocked", count, "They were held back."),
        Shape.Field("unanswered", count, "Nobody has judged them yet."),
    ]

    private static let reason = Shape.object(
        [
            Shape.Field("verdict", .choice(["rejected", "blocked"])), Shape.Field("reason", .any),
            Shape.Field("decisions", count, "That have it among their reasons."),
            Shape.Field("first", count, "Of which it is the first."),
            Shape.Field("counts", .list(count, maximum: Int(DecisionSpan.maximumSteps)), "Decisions, step by step."),
        ], isClosed: true)
}

extension JSONWriter {
    mutating func number(_ name: StaticString, _ number: Int64?) {
        key(name)
        if let number { integer(number) } else { null() }
    }

    /// Microseconds since 1970.
    mutating func moment(_ name: StaticString, _ micros: Int64?) {
        key(name)
        if let time = micros.flatMap(RowText.timestamp) { string("\(time)") } else { null() }
    }
}
