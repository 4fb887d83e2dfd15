public import Core

/// Something that a story should have and does not.
public struct StoryHole: Sendable, Equatable {
    /// Which link is missing; storage format of nobody, but scripts read it.
    public enum Link: String, Sendable, CaseIterable, Comparable {
        case decision
        case answer
        case intent
        case routeEvidence = "route_evidence"
        case prepared
        case sent
        case outcome
        case resolution
        case fallback
        case hold
        case release
        case cancelRequest = "cancel_request"
        case cancelAnswer = "cancel_answer"
        case replaceRequest = "replace_request"
        case replaceAnswer = "replace_answer"
        case orderEvent = "order_event"
        case message
        case fill
        case ending
        case simulation
        case parity
        case discrepancy
        case gateWord = "gate_word"
        case incident
        case laneSwitch = "lane_switch"

        public static func < (left: Self, right: Self) -> Bool { left.place < right.place }
        private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    public let link: Link
    /// Which one: the id of a decision, an attempt, a request, or a place.
    public let subject: String
    /// The types of events of which one would close it; a message of the broker's has none.
    public let types: [EventType]
    /// The record where it shows.
    public let shownBy: RecordPosition
    /// Everything that says so, in the order of the story.
    public internal(set) var signs: [String]

    /// What is missing, in words.
    public var missing: String {
        let what = types.isEmpty ? "the broker's message" : types.map(\.name).joined(separator: " or ")
        return "\(what) of \(subject)"
    }

    /// What to do about it.
    public var next: String {
        switch link {
        case .decision, .intent, .answer:
            "check that the log is whole (torghut log verify), look for a parked record (torghut quarantine list), "
                + "or read an archive in front of the log"
        case .prepared, .sent, .outcome, .routeEvidence, .fallback, .hold, .release:
            "ask the broker for the order (torghut reconcile once); torghut log verify says whether records are lost"
        case .resolution:
            "the order is in doubt: look at the broker, then torghut override says what became of it"
        case .cancelRequest, .cancelAnswer, .replaceRequest, .replaceAnswer:
            "look at the order at the broker (torghut reconcile once), and cancel it there if it is still open"
        case .orderEvent:
            "see whether ingest runs (torghut roles) and whether the record is parked (torghut quarantine list)"
        case .message: "the topic no longer holds it, or the log lost it: torghut log verify"
        case .fill, .ending: "torghut reconcile once reads the order at the broker and writes down what it shows"
        case .simulation, .parity: "see whether the shadow lane runs (torghut roles) and is enabled"
        case .discrepancy: "torghut discrepancies list"
        case .gateWord, .incident, .laneSwitch:
            "torghut canary recompute and torghut control status say what is in force; torghut log verify"
        }
    }
}
