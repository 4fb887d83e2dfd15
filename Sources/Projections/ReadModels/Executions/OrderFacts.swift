internal import Core
internal import Domain

/// What may be said of an order by its own name or by the broker's: each part is merged by a rule that does not ask
/// in which order things were said.
struct OrderFacts: Sendable, Equatable {
    /// What was asked for, by the best witness.
    struct Terms: Sendable, Equatable {
        var rank: Int32
        var saying: Saying
        var side: Side?
        var orderType: BrokerWord?
        var timeInForce: BrokerWord?
        var qty: Amount?
        var notional: Amount?
        var limitPrice: Amount?
        var stopPrice: Amount?
    }

    struct Reported: Sendable, Equatable {
        var qty: Amount
        var price: Amount?
        var saying: Saying
    }

    struct RawOrder: Sendable, Equatable {
        var order: CompactJSON
        var saying: Saying
    }

    struct FeedMark: Sendable, Equatable {
        var saying: Saying
        var seq: Int64?
    }

    var terms: Terms?
    /// Where the broker has it: the highest standing that was ever said.
    var standing: OrderStanding?
    var reported: Reported?
    var replaces: BrokerOrderID?
    var replacedBy: BrokerOrderID?
    var cancelRequestedAt: Moment?
    var rawOrder: RawOrder?
    var lastUpdateAt: Moment?
    var lastReconcileAt: Moment?
    var feedMark: FeedMark?
    var createdAt: Moment?
    var updatedAt: Moment?

    mutating func merge(_ other: OrderFacts) {
        if let theirs = other.terms {
            if let mine = terms { terms = theirs.isBetter(than: mine) ? theirs : mine } else { terms = theirs }
        }
        if let theirs = other.standing { stand(theirs) }
        if let theirs = other.reported {
            if let mine = reported { reported = theirs.isBeyond(mine) ? theirs : mine } else { reported = theirs }
        }
        replaces.lower(to: other.replaces)
        replacedBy.lower(to: other.replacedBy)
        cancelRequestedAt.lower(to: other.cancelRequestedAt)
        if let theirs = other.rawOrder, rawOrder.map({ $0.saying < theirs.saying }) ?? true { rawOrder = theirs }
        lastUpdateAt.raise(to: other.lastUpdateAt)
        lastReconcileAt.raise(to: other.lastReconcileAt)
        if let theirs = other.feedMark, feedMark.map({ $0.saying < theirs.saying }) ?? true { feedMark = theirs }
        createdAt.lower(to: other.createdAt)
        updatedAt.raise(to: other.updatedAt)
    }

    /// Takes a broker's word for where the order is; our own words, and none at all, do not count.
    mutating func say(_ status: OrderStatus?, at moment: Moment, isReply: Bool) {
        guard let status = status?.fromBroker else { return }
        stand(OrderStanding(status, at: moment.timestamp, isReply: isReply))
    }

    private mutating func stand(_ said: OrderStanding) {
        if standing.map({ $0 < said }) ?? true { standing = said }
    }
}

extension OrderFacts.Terms {
    func isBetter(than other: Self) -> Bool {
        rank == other.rank ? saying < other.saying : rank < other.rank
    }
}

extension OrderFacts.Reported {
    func isBeyond(_ other: Self) -> Bool { qty == other.qty ? other.saying < saying : qty > other.qty }
}
