internal import Core

/// How many questions may be asked: so many each minute, saved up for no longer than one minute.
struct ReadBudget: Sendable {
    private let perMinute: Double
    private(set) var left: Double
    private var filledAt: Duration

    init(perMinute: Int, at moment: Duration) {
        precondition(perMinute > 0, "a budget lets something through")
        self.perMinute = Double(perMinute)
        left = Double(perMinute)
        filledAt = moment
    }

    mutating func fill(at moment: Duration) {
        let passed = (moment - filledAt) / .seconds(60)
        filledAt = moment
        left = min(perMinute, left + max(0, passed) * perMinute)
    }

    /// Whether one more question may be asked.
    var isOpen: Bool { left >= 1 }

    /// What a call cost is known when it is over: a list has pages, and a refusal for haste is tried again.
    mutating func spend(_ requests: Int) { left -= Double(max(1, requests)) }
}
