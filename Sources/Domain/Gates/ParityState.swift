public import Core

/// Whether two routes agreed: order ids that diverged, and the last verdict on parity.
public struct ParityState: FieldRecord {
    /// The last divergence of a strategy's orders; one without a strategy counts for all.
    public struct Divergence: KeyedRow {
        public var strategy: StrategyID?
        public var foundBy: EventID
        public var foundAt: Timestamp
        public var key: String { strategy?.text ?? "" }

        init(strategy: StrategyID?, foundBy: EventID, foundAt: Timestamp) {
            self.strategy = strategy
            self.foundBy = foundBy
            self.foundAt = foundAt
        }

        public init(unread: Unread) {
            foundBy = unread()
            foundAt = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("strategy", &strategy, "Whose.")
            try fields.field("found_by", &foundBy, "By which event.")
            try fields.field("found_at", &foundAt, "When.")
        }
    }

    private var divergences = KeyedRows<Divergence>()
    /// The last conclusive verdict.
    public private(set) var verdict: Verdict?
    public private(set) var verdictEventID: EventID?
    public private(set) var judgedAt: Timestamp?

    public init() {}
    public init(unread: Unread) {}

    public mutating func fold(_ event: Route, _ envelope: Envelope) {
        guard case .idsDiverged(let event) = event else { return }
        divergences.put(
            Divergence(strategy: event.strategyID, foundBy: envelope.eventID, foundAt: envelope.ingestTime))
    }

    public mutating func fold(_ event: Canary, _ envelope: Envelope) {
        guard case .canaryJudged(let event) = event, event.breachType == .parityMismatch else { return }
        guard event.window.verdict != .inconclusive else { return }
        verdict = event.window.verdict
        verdictEventID = envelope.eventID
        judgedAt = event.window.evaluatedAt
    }

    /// What stands against this strategy: a divergence after the last verdict that passed.
    public func divergence(of strategy: StrategyID) -> Divergence? {
        let found = [divergences[strategy.text], divergences[""]].compactMap { $0 }
        return found.first { divergence in
            guard verdict == .pass, let judgedAt else { return true }
            return divergence.foundAt >= judgedAt
        }
    }

    /// Every divergence after the last verdict that passed.
    public var openDivergences: [Divergence] {
        divergences.rows.filter { divergence in
            guard verdict == .pass, let judgedAt else { return true }
            return divergence.foundAt >= judgedAt
        }
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try divergences.walk("divergences", &fields)
        try fields.field("verdict", &verdict, "The last verdict.")
        try fields.field("verdict_event_id", &verdictEventID, "Which event.")
        try fields.field("judged_at", &judgedAt, "When.")
    }
}

/// Whether a strategy may be enabled.
public enum StrategyEnablement {
    public enum Refusal: Error, Equatable, Sendable {
        case idsDiverged(EventID)
        case parityFailed(EventID?)
        /// The parity test that was named is not the one that passed last.
        case parityNotProved
    }

    /// Enables, or says what stands against it; `parity` names the verdict that the operator relies on.
    public static func decide(
        _ strategy: StrategyID, order: ControlOrder, definitionHash: ContentHash? = nil,
        definitionJSON: CompactJSON? = nil, parity: EventID? = nil, given state: ParityState
    ) throws(Refusal) -> Control {
        if state.verdict == .breach { throw .parityFailed(state.verdictEventID) }
        if let divergence = state.divergence(of: strategy) { throw .idsDiverged(divergence.foundBy) }
        if let parity, parity != state.verdictEventID { throw .parityNotProved }
        return .strategyEnabled(
            StrategyEnabled(
                order: order, strategyID: strategy, definitionHash: definitionHash, definitionJSON: definitionJSON,
                routeParityEventID: parity ?? state.verdictEventID))
    }
}
