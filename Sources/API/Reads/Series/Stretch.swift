internal import Core
internal import Postgres

/// A stretch of time, cut as decisions in sum are cut: steps begin where clocks begin them.
///
/// So whoever asks again a little later gets the same steps, and one more.
struct Stretch: Sendable {
    private let span: DecisionSpan
    /// Both ends were said: the same question has the same answer until the read model moves.
    let isFixed: Bool

    static let bounds = [
        Parameter("since", .timestamp, "From this moment on; an hour before the end unless it is said."),
        Parameter("until", .timestamp, "Before this moment; to the end of the step of now unless it is said."),
    ]

    static let parameters =
        bounds + [
            Parameter(
                "bucket", .choice(DecisionSpan.steps.map(\.name)),
                "How long a step is; the shortest of which there are at most \(DecisionSpan.usualSteps), unless it is said."
            )
        ]

    /// `isCut` is whether the operation takes a `bucket`.
    init(_ call: Call, at now: Timestamp, isCut: Bool = true) throws(Problem) {
        let (since, until) = (call.time("since"), call.time("until"))
        span = try DecisionSpan(
            since: since.map(Self.micros), until: until.map(Self.micros),
            step: isCut ? call.text("bucket") : nil, now: Self.micros(now))
        isFixed = since != nil && until != nil
    }

    /// As the read models keep a moment: rounded down.
    private static func micros(_ time: Timestamp) -> Int64 {
        let (quotient, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000)
        return rest < 0 ? quotient - 1 : quotient
    }

    var seconds: Int64 { span.step.seconds }
    var name: String { span.step.name }
    var since: String { Self.text(span.since) }
    var until: String { Self.text(span.until) }

    private static func text(_ micros: Int64) -> String { RowText.timestamp(micros: micros).map { "\($0)" } ?? "never" }

    /// `$1` and `$2`, the ends.
    var ends: Parameters {
        var parameters = Parameters()
        parameters.append(micros: span.since)
        parameters.append(micros: span.until)
        return parameters
    }
}
