internal import Core
internal import Domain
internal import Folding

/// What the handler knows: the decider's state, and which of its own answers the log has not shown it yet.
///
/// An answer is in the state from the moment it is given; when it is read back it must not be folded again.
struct HandlerState: Snapshot {
    static var foldName: String { "\(Guarded<DecisionState>.foldName)+ahead.1" }

    var known: Guarded<DecisionState>
    private(set) var ahead: Set<EventID> = []

    init(under policy: TradingPolicy) { known = Guarded(DecisionState(under: policy)) }

    /// Settings that shape the state: under others it must be folded anew.
    static func condition(_ policy: TradingPolicy) -> String { "horizon \(DecisionState.horizon(of: policy))" }

    /// An answer was folded before the log has it.
    mutating func answered(_ event: Event) {
        switch event.content {
        case .intents(.intentEmitted), .intents(.decisionRejected), .intents(.decisionBlocked):
            ahead.insert(event.envelope.eventID)
        // Read back, they change nothing.
        default: break
        }
    }

    mutating func fold(_ fact: DecisionFact, takenIn moment: Timestamp, at offset: Int64) {
        if case .answered(let answer) = fact, !ahead.isEmpty, ahead.remove(answer.eventID) != nil { return }
        known.state.fold(fact, takenIn: moment, at: offset)
    }

    func write(to writer: inout StateWriter) {
        known.write(to: &writer)
        writer.number(UInt64(ahead.count))
        for id in ahead.sorted() {
            var id = id
            writer.field("ahead", &id, "An answer that was not read back.")
        }
    }

    init(from reader: inout StateReader) throws(StateFault) {
        known = try Guarded(from: &reader)
        for _ in 0..<(try reader.number()) {
            var id = EventID(high: 0, low: 0)
            try reader.field("ahead", &id, "An answer that was not read back.")
            ahead.insert(id)
        }
    }
}
