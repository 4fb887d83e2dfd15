public import Core

/// What the broker says of one of our orders, whichever event says it.
public struct OrderUpdate: Sendable, Equatable {
    public let decision: DecisionHash
    public let clientOrderID: ClientOrderID?
    public let alpacaOrderID: BrokerOrderID?
    public let status: BrokerWord?
    public let filledQty: Amount?
    public let replacedBy: BrokerOrderID?

    /// Over at the broker.
    ///
    /// `replaced` is over for this id alone, and the order goes on under another.
    public var isOver: Bool { status.map(OrderStatus.isOver) ?? false }
    public var isReplaced: Bool { status?.text == OrderStatus.replaced.rawValue }

    /// `nil` for what is not about an order of ours, or was not applied.
    public init?(_ event: OrderEvents) {
        switch event {
        case .brokerUpdateRecorded(let update):
            guard update.classification == .applied || update.classification == .noChange else { return nil }
            guard let decision = update.decisionHash ?? update.clientOrderID.flatMap(DecisionHash.init(of:)) else {
                return nil
            }
            self.decision = decision
            clientOrderID = update.clientOrderID
            alpacaOrderID = update.alpacaOrderID
            status = update.status
            filledQty = update.filledQty
            replacedBy = update.replacedBy
        case .orderSnapshotObserved(let snapshot):
            guard let decision = snapshot.order.decision else { return nil }
            self.decision = decision
            clientOrderID = snapshot.order.clientOrderID
            alpacaOrderID = snapshot.order.alpacaOrderID
            status = snapshot.status
            filledQty = snapshot.filledQty
            replacedBy = snapshot.replacedBy
        case .discrepancyFound, .discrepancyResolved: return nil
        }
    }
}

extension OrderStatus {
    /// Nothing more happens to the order.
    public var isOver: Bool {
        switch self {
        case .filled, .canceled, .expired, .rejected: true
        case .prepared, .unknown, .new, .partiallyFilled, .doneForDay, .replaced, .pendingCancel, .pendingReplace,
            .pendingReview, .accepted, .pendingNew, .acceptedForBidding, .stopped, .suspended, .calculated, .held:
            false
        }
    }

    static func isOver(_ word: BrokerWord) -> Bool { OrderStatus(rawValue: word.text)?.isOver ?? false }
}

extension DecisionHash {
    /// The decision whose hash begins a client order id; what follows tells replacements apart.
    public init?(of clientOrderID: ClientOrderID) {
        let text = clientOrderID.text.utf8
        guard text.count >= 64, text.count == 64 || text.dropFirst(64).starts(with: "-r".utf8) else { return nil }
        let digits = Array(text.prefix(64))
        do { self = try unsafe DecisionHash.read(digits.span.bytes) } catch { return nil }
    }
}

extension OrderKey {
    var decision: DecisionHash? { decisionHash ?? clientOrderID.flatMap(DecisionHash.init(of:)) }
}

extension AttemptKey {
    /// Whether the attempt replaces a working order: its client order id then has an ending.
    var isReplace: Bool { clientOrderID.text.utf8.count > 64 }
}
