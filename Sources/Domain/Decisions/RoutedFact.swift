public import Core

/// Something became of an order of ours.
public struct RoutedFact: Sendable, Equatable {
    public enum Change: Sendable, Equatable {
        case accepted(qty: Amount?, limitPrice: Amount?, filled: Amount?, isOver: Bool)
        case closed
        case unknown
        case resolved(isLive: Bool, closes: Bool)
        case canceled(filled: Amount?)
        case updated(filled: Amount?, isOver: Bool)
    }

    public let account: AccountLabel
    public let decision: DecisionHash
    public let change: Change

    public init(account: AccountLabel, decision: DecisionHash, change: Change) {
        self.account = account
        self.decision = decision
        self.change = change
    }

    init?(_ event: Route, _ envelope: Envelope) {
        guard let account = envelope.account, let (decision, change) = Self.change(event) else { return nil }
        self.init(account: account, decision: decision, change: change)
    }

    private static func change(_ event: Route) -> (DecisionHash, Change)? {
        switch event {
        case .attemptAccepted(let event):
            return (
                event.key.decisionHash,
                .accepted(
                    qty: event.terms.qty, limitPrice: event.terms.limitPrice, filled: event.filledQty,
                    isOver: event.status.isOver)
            )
        case .attemptRejected(let event):
            guard !event.fallbackAllowed, !event.key.isReplace else { return nil }
            return (event.key.decisionHash, .closed)
        case .attemptUnknown(let event): return (event.key.decisionHash, .unknown)
        case .attemptResolved(let event):
            let closes = event.resolution == .rejected && !event.key.isReplace
            return (event.key.decisionHash, .resolved(isLive: event.resolution == .live, closes: closes))
        case .intentWithdrawn(let event): return (event.decisionHash, .closed)
        case .cancelConfirmed(let event):
            return event.order.decision.map { ($0, .canceled(filled: event.filledQty)) }
        case .attemptPrepared, .attemptSent, .fallbackDecided, .intentHeld, .intentReleased, .cancelRequested,
            .cancelRefused, .replaceRequested, .replaceDone, .replaceRefused, .idsDiverged:
            return nil
        }
    }

    init?(_ event: OrderEvents, _ envelope: Envelope) {
        guard let account = envelope.account, let update = OrderUpdate(event) else { return nil }
        self.init(
            account: account, decision: update.decision,
            change: .updated(filled: update.filledQty, isOver: update.isOver))
    }
}
