public import Core

extension OrderStatus {
    /// How far an order is.
    ///
    /// What is asked for stands below what has happened, and `filled` above everything: an order that was canceled
    /// and turns out to be filled is filled.
    public var rank: Int32 {
        switch self {
        case .prepared: 0
        case .unknown: 1
        case .held: 2
        case .pendingReview: 3
        case .pendingNew: 4
        case .accepted: 5
        case .acceptedForBidding: 6
        case .new: 7
        case .suspended: 8
        case .pendingReplace: 9
        case .pendingCancel: 10
        case .stopped: 11
        case .partiallyFilled: 12
        case .doneForDay: 13
        case .calculated: 14
        case .replaced: 15
        case .rejected: 16
        case .expired: 17
        case .canceled: 18
        case .filled: 19
        }
    }

    /// Not ours alone: the broker says it.
    public var fromBroker: OrderStatus? { rank >= OrderStatus.held.rank ? self : nil }

    /// Nothing more happens under this id; a replaced order goes on under another.
    public var isEnd: Bool { rank >= OrderStatus.replaced.rank }
}

extension BrokerWord {
    /// The status this word names, if it is one of the broker's.
    public var status: OrderStatus? {
        if text == "cancelled" { return .canceled }
        return OrderStatus(rawValue: text)?.fromBroker
    }
}

extension BrokerUpdateRecorded {
    /// What the update says of the order: its status, else what its event means.
    public var saidStatus: OrderStatus? {
        if let said = status?.status { return said }
        guard let eventType else { return nil }
        if let said = eventType.status { return said }
        return switch eventType.text {
        case "fill": .filled
        case "partial_fill": .partiallyFilled
        default: nil
        }
    }
}
