internal import Core

/// The answers of decisions that may come again, oldest first.
///
/// Its horizon is longer than any decision may be old: what is forgotten here is refused as stale before anybody
/// looks it up.
struct AnswerBook: Sendable, Equatable {
    let horizon: Duration
    private var answers: [DecisionHash: EarlierAnswer] = [:]
    private var order: [DecisionHash] = []
    private var first = 0

    init(horizon: Duration) { self.horizon = horizon }

    var count: Int { answers.count }

    subscript(decision: DecisionHash) -> EarlierAnswer? { answers[decision] }

    /// The first answer stands.
    mutating func record(_ answer: EarlierAnswer) {
        guard answers[answer.decision] == nil else { return }
        answers[answer.decision] = answer
        order.append(answer.decision)
    }

    mutating func forget(before now: Timestamp) {
        guard let limit = now.advanced(by: .zero - horizon) else { return }
        while first < order.count, let answer = answers[order[first]], answer.answeredAt < limit {
            answers[order[first]] = nil
            first += 1
        }
        // Room is given back when half of it is unused.
        if first > 1024, first > order.count / 2 {
            order.removeFirst(first)
            first = 0
        }
    }

    static func == (left: Self, right: Self) -> Bool {
        left.horizon == right.horizon && left.answers == right.answers
            && left.order[left.first...] == right.order[right.first...]
    }

    func write(to writer: inout StateWriter) {
        writer.rows(order[first...].compactMap { answers[$0] })
    }

    mutating func read(from reader: inout StateReader) throws(StateFault) {
        for answer in try reader.rows(of: EarlierAnswer.self) { record(answer) }
    }
}
