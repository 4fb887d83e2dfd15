public import Core

/// What the broker answered last when he was asked for an order.
///
/// It stands beside what we were told and never in its place: a difference between the two must stay a difference.
public struct BrokerReading: FieldRecord, Equatable {
    public var status: BrokerWord
    public var qty: Amount?
    public var limitPrice: Amount?
    public var filledQty: Amount?
    public var averagePrice: Amount?
    /// Before the question went out: what was told later may be younger than the answer.
    public var observedAt: Timestamp
    /// When an answer last said something else than the one before.
    public var changedAt: Timestamp
    public var observedBy: ObservedBy

    public init(_ snapshot: OrderSnapshotObserved) {
        status = snapshot.status
        qty = snapshot.qty
        limitPrice = snapshot.limitPrice
        filledQty = snapshot.filledQty
        averagePrice = snapshot.avgFillPrice
        observedAt = snapshot.observedAt
        changedAt = snapshot.observedAt
        observedBy = snapshot.observedBy
    }

    public init(unread: Unread) {
        status = unread()
        observedAt = unread()
        changedAt = unread()
        observedBy = unread()
    }

    public var isEnded: Bool { status.status?.isEnd ?? false }

    /// Whether it says of the order what the other says.
    public func isSame(as other: BrokerReading) -> Bool {
        status == other.status && qty == other.qty && limitPrice == other.limitPrice && filledQty == other.filledQty
            && averagePrice == other.averagePrice
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("status", &status, "The broker's word for how far it is.")
        try fields.field("qty", &qty, FieldNote("What was asked for.", unit: "units"))
        try fields.field("limit_price", &limitPrice, FieldNote("Limit price.", unit: "currency per unit"))
        try fields.field("filled_qty", &filledQty, FieldNote("Filled so far.", unit: "units"))
        try fields.field("avg_fill_price", &averagePrice, FieldNote("At what price.", unit: "currency per unit"))
        try fields.field("observed_at", &observedAt, "When he was asked.")
        try fields.field("changed_at", &changedAt, "When the answer last was another one.")
        try fields.field("observed_by", &observedBy, "How he was asked.")
    }
}
