import Threading

/// What the front does to the submits that pass it, while a scenario wants it to.
struct LeanPlan: Sendable {
    enum Story: Sendable {
        case honest
        /// Of six submits one never reaches the runner, and one is never answered.
        case timeouts
        /// Of ten submits one is said to be accepted and never was, and one is said to be refused and was taken.
        case lies
        /// As many are refused as the breaker bears: the canary has the lower limit.
        case failures
    }

    enum Misdeed: String, Sendable {
        case notPassedOn = "not passed on, and no answer"
        case notAnswered = "passed on, and no answer"
        case notMade = "said to be accepted, and never passed on"
        case takenAndRefused = "taken by the broker, and said to be refused"
        case refused = "refused, and not passed on"
    }

    private struct Seen: Sendable {
        let moment: Duration
        let isRefused: Bool
    }

    /// Lies cost an operator's time each: so many of a kind are told in one story.
    static let maximumLies = 3
    /// The breaker's own window and, with a margin, its limit: what is to be seen is the canary's gate.
    static let window = Duration.seconds(300)
    static let share = 0.45

    private(set) var story = Story.honest
    private var count = 0
    private var seen: [Seen] = []
    private(set) var misdeeds: [Misdeed: Int] = [:]
    private(set) var lastSubmit: Duration?

    mutating func begin(_ story: Story) {
        (self.story, count, misdeeds) = (story, 0, [:])
    }

    /// What becomes of the next submit.
    mutating func next(at now: Duration) -> Misdeed? {
        count += 1
        lastSubmit = now
        seen.removeAll { now - $0.moment > Self.window }
        let misdeed = choose()
        seen.append(Seen(moment: now, isRefused: misdeed != nil))
        if let misdeed { misdeeds[misdeed, default: 0] += 1 }
        return misdeed
    }

    private func choose() -> Misdeed? {
        switch (story, count % 10) {
        case (.honest, _): return nil
        case (.timeouts, _): return [2: .notPassedOn, 5: .notAnswered][count % 6]
        case (.lies, 3): return misdeeds[.notMade, default: 0] < Self.maximumLies ? .notMade : nil
        case (.lies, 7):
            return misdeeds[.takenAndRefused, default: 0] < Self.maximumLies ? .takenAndRefused : nil
        case (.lies, _): return nil
        case (.failures, _):
            let refused = seen.count(where: \.isRefused)
            return Double(refused + 1) <= Self.share * Double(seen.count + 1) ? .refused : nil
        }
    }
}
