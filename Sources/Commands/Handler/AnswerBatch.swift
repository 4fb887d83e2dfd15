internal import Core
internal import Domain
internal import Folding
internal import Wire

/// The answers to one read of decisions, on their way to one append.
struct AnswerBatch: Sendable {
    private var events: [Event] = []
    private(set) var counts = AnswerCounts()

    /// Whether anything on the decisions' topic was worked off.
    var isEmpty: Bool { counts == AnswerCounts() }

    mutating func add(_ answer: DecisionAnswer, takenIn: Timestamp) {
        counts.takenIn.append(takenIn)
        switch answer {
        case .repeated: counts.repeated += 1
        case .conflicted(let event):
            counts.conflicted += 1
            add(event)
        case .answered(let event):
            switch event.content {
            case .intents(.intentEmitted): counts.intents += 1
            case .intents(.decisionRejected): counts.rejected += 1
            default: counts.blocked += 1
            }
            add(event)
        }
    }

    private static let letters = ParkingLetter(from: "commands", version: 1)

    /// A record that is no decision is told on the quarantine's topic, with the very append that passes it over.
    mutating func park(_ unreadable: Unreadable, at moment: Timestamp, seq: Int64) throws(LogError) {
        counts.parked += 1
        add(
            try Self.letters.letter(
                for: unreadable.record, ParkingLetter.Reason(unreadable), at: moment, seq: seq))
    }

    private mutating func add(_ event: Event) { events.append(event) }

    /// The answers as bytes; made beside the next read, not before it.
    func records() -> [NewRecord] { EventEncoder.records(of: events) }
}
