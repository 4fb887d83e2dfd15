internal import Core
internal import Domain

/// What events say of an order or a decision in a broker's words.
enum BrokerSaying {
    /// From the lowest to the highest.
    private static let words = [
        "held", "pending_review", "pending_new", "accepted", "accepted_for_bidding", "new", "suspended",
        "pending_replace", "pending_cancel", "stopped", "partially_filled", "done_for_day", "calculated", "replaced",
        "rejected", "expired", "canceled", "filled",
    ]
    private static let ranks = Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, $0 + 2) })

    static let ends: Set<String> = ["replaced", "rejected", "expired", "canceled", "filled"]

    static func rank(of word: String) -> Int? { ranks[word] }

    /// The word, if it counts, as it is kept.
    static func counted(_ word: String?) -> String? {
        guard let word else { return nil }
        let kept = word == "cancelled" ? "canceled" : word
        return ranks[kept] == nil ? nil : kept
    }

    static func word(of update: BrokerUpdateRecorded) -> String? {
        if let word = counted(update.status?.text) ?? counted(update.eventType?.text) { return word }
        switch update.eventType?.text {
        case "fill": return "filled"
        case "partial_fill": return "partially_filled"
        default: return nil
        }
    }

    static func word(of resolved: AttemptResolved) -> String? {
        switch resolved.resolution {
        case .live: counted(resolved.status?.text)
        case .rejected: "rejected"
        case .notLive: nil
        }
    }

    static func word(of withdrawn: IntentWithdrawn) -> String {
        switch withdrawn.withdrawalReason {
        case .expired: "expired"
        case .attemptsExhausted: "rejected"
        default: "canceled"
        }
    }

    /// What an event says of its own order, or of its decision.
    static func word(of told: Told) -> String? {
        switch told.event.content {
        case .route(.attemptAccepted(let event)): counted(event.status.rawValue)
        case .route(.attemptResolved(let event)): word(of: event)
        case .route(.attemptRejected(let event)): event.fallbackAllowed ? nil : "rejected"
        case .route(.intentWithdrawn(let event)): word(of: event)
        case .route(.cancelConfirmed(let event)): counted(event.status.text)
        case .orderEvents(.orderSnapshotObserved(let event)): counted(event.status.text)
        case .orderEvents(.brokerUpdateRecorded(let event)): word(of: event)
        default: nil
        }
    }
}

/// Ranks of what became of a decision.
extension BrokerSaying {
    static func rank(of told: Told) -> Int {
        if case .route(.intentWithdrawn(let event)) = told.event.content, event.attemptCount == 0 { return 0 }
        if let word = word(of: told), word != "replaced", let rank = ranks[word] { return 4 + rank }
        switch told.event.content {
        case .intents(.decisionBlocked): return 1
        case .intents(.decisionRejected): return 2
        case .intents(.intentEmitted): return 3
        case .route(.intentWithdrawn): return 0
        case .route: return 3
        default: return 0
        }
    }

    static func word(ofRank rank: Int) -> String {
        rank < 4 ? ["planned", "blocked", "rejected", "submitted"][rank] : words[rank - 6]
    }
}

extension Told {
    /// The moment of an event: when the broker says it was, else when it was seen, else when it happened.
    var moment: Instant {
        switch event.content {
        case .orderEvents(.brokerUpdateRecorded(let update)): Instant(update.brokerEventTime ?? envelope.eventTime)
        case .orderEvents(.orderSnapshotObserved(let snapshot)):
            Instant(snapshot.brokerUpdatedAt ?? snapshot.observedAt)
        default: time
        }
    }
}
