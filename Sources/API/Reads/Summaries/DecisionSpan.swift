internal import Core

/// Which decisions are summed up, and in which steps of time.
///
/// Steps begin where clocks begin them, so the same question at another moment has the same steps. All moments are
/// microseconds since 1970.
struct DecisionSpan: Sendable, Equatable {
    struct Step: Sendable, Equatable {
        let name: String
        let seconds: Int64

        var micros: Int64 { seconds * 1_000_000 }
    }

    static let steps = [
        Step(name: "1s", seconds: 1), Step(name: "5s", seconds: 5), Step(name: "15s", seconds: 15),
        Step(name: "1m", seconds: 60), Step(name: "5m", seconds: 300), Step(name: "15m", seconds: 900),
        Step(name: "1h", seconds: 3_600), Step(name: "6h", seconds: 21_600), Step(name: "1d", seconds: 86_400),
    ]

    /// No answer has more steps.
    static let maximumSteps: Int64 = 500
    /// Without a word about steps they are the shortest of which there are no more than this.
    static let usualSteps: Int64 = 60
    /// No answer is about more days.
    static let maximumDays: Int64 = 31
    /// Without a word about its begin it is this long.
    static let usualMicros: Int64 = 3_600 * 1_000_000

    let since: Int64
    let until: Int64
    let step: Step
    /// Where the first step begins, at or before `since`.
    let first: Int64
    let count: Int

    /// Without an end it goes to the end of the step that `now` lies in.
    init(since: Int64?, until: Int64?, step name: String?, now: Int64) throws(Problem) {
        let asked = until ?? now
        // Nothing was decided before 1970.
        let begin = since ?? max(0, asked - Self.usualMicros)
        guard begin >= 0 else { throw Self.fault("since", "before 1970") }
        guard begin < asked else { throw Self.fault("since", "not before the end, which is \(Self.text(asked))") }
        guard asked - begin <= Self.maximumDays * 86_400_000_000 else {
            throw Self.fault("since", "more than \(Self.maximumDays) days before the end")
        }
        let step = Self.steps.first { name == nil ? $0.suits(asked - begin) : $0.name == name }
        guard let step else { throw Self.fault("bucket", "none of ours") }
        let end = until ?? step.after(now)
        // Neither end was named: then the first step is a whole one too.
        let start = since ?? (until == nil ? end - Self.usualMicros : begin)
        let first = step.before(start)
        let count = (step.after(end - 1) - first) / step.micros
        guard count <= Self.maximumSteps else {
            throw Self.fault("bucket", "that would be \(count) steps; at most \(Self.maximumSteps) are told")
        }
        (self.since, self.until, self.step, self.first, self.count) = (start, end, step, first, Int(count))
    }

    /// The number of the step that begins at `micros`; `nil` for one that is not among them.
    func index(of micros: Int64) -> Int? {
        let (number, rest) = (micros - first).quotientAndRemainder(dividingBy: step.micros)
        return rest == 0 && number >= 0 && number < Int64(count) ? Int(number) : nil
    }

    func begin(of index: Int) -> Int64 { first + Int64(index) * step.micros }

    private static func text(_ micros: Int64) -> String { RowText.timestamp(micros: micros).map { "\($0)" } ?? "never" }

    private static func fault(_ name: String, _ reason: String) -> Problem {
        Problem(
            .invalidParameter, "a parameter cannot be used as it stands", faults: [Problem.Fault(name, reason)])
    }
}

extension DecisionSpan.Step {
    fileprivate func suits(_ micros: Int64) -> Bool { micros <= self.micros * DecisionSpan.usualSteps }

    /// The begin of the step that a moment lies in.
    fileprivate func before(_ moment: Int64) -> Int64 {
        let rest = moment % micros
        return moment - (rest < 0 ? rest + micros : rest)
    }

    /// The end of the step that a moment lies in.
    fileprivate func after(_ moment: Int64) -> Int64 { before(moment) + micros }
}

extension DecisionSpan {
    static let parameters = [
        Parameter("since", .timestamp, "Decisions made from this moment on; an hour before the end unless it is said."),
        Parameter("until", .timestamp, "Decisions made before this moment; to the end of the step of now unless said."),
        Parameter(
            "bucket", .choice(steps.map(\.name)),
            "How long a step is; the shortest of which there are at most \(usualSteps), unless it is said."),
    ]

    init(_ call: Call, now: Int64) throws(Problem) {
        try self.init(
            since: call.time("since").map(Self.micros), until: call.time("until").map(Self.micros),
            step: call.text("bucket"), now: now)
    }

    /// As the read models keep a moment: rounded down.
    private static func micros(_ time: Timestamp) -> Int64 {
        let (quotient, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000)
        return rest < 0 ? quotient - 1 : quotient
    }
}
