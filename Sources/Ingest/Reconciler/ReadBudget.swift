internal import Core

/// How many questions may be asked: so many each minute, saved up for no longer than one minute.
///
/// A quarter is kept for single orders: lists of many pages must not be all that is ever asked.
struct ReadBudget: Sendable {
    private struct Share: Sendable {
        let perMinute: Double
        var left: Double

        init(_ perMinute: Int) {
            self.perMinute = Double(perMinute)
            left = Double(perMinute)
        }

        mutating func fill(_ passed: Double) { left = min(perMinute, left + passed * perMinute) }
    }

    /// What the whole books may cost of it is what a period can pay for.
    static func reserved(of perMinute: Int) -> Int { perMinute / 4 }

    private var common: Share
    private var reserved: Share
    private var filledAt: Duration

    init(perMinute: Int, at moment: Duration) {
        precondition(perMinute > 0, "a budget lets something through")
        reserved = Share(Self.reserved(of: perMinute))
        common = Share(perMinute - Self.reserved(of: perMinute))
        filledAt = moment
    }

    var left: Double { common.left + reserved.left }

    mutating func fill(at moment: Duration) {
        let passed = max(0, (moment - filledAt) / .seconds(60))
        filledAt = moment
        common.fill(passed)
        reserved.fill(passed)
    }

    /// Whether one more order may be asked for by itself.
    var isOpen: Bool { common.left >= 1 || reserved.left >= 1 }

    /// What a call cost is known when it is over: a refusal for haste is tried again.
    mutating func spend(_ requests: Int) {
        let cost = Double(max(1, requests))
        if common.left >= 1 { owe(cost) } else { reserved.left -= cost }
    }

    /// The books are always read, however many pages they have; what is owed is no more than a minute pays back.
    mutating func spendOnBooks(_ requests: Int) { owe(Double(max(1, requests))) }

    private mutating func owe(_ cost: Double) { common.left = max(-common.perMinute, common.left - cost) }
}
