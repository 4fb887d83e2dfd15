public import Core

/// All that was ever said of one order, merged by rules that do not ask in which order it was said.
///
/// Any permutation and any repetition of an order's events gives the same life.
public struct OrderLife: FieldRecord, Equatable {
    /// What the broker counts as filled so far; the largest sum he ever named.
    public struct Reported: FieldRecord, Equatable {
        public var qty: Amount
        public var price: Amount?
        public var at: Timestamp

        init(qty: Amount, price: Amount?, at moment: Timestamp) {
            self.qty = qty
            self.price = price
            self.at = moment
        }

        public init(unread: Unread) {
            qty = unread()
            at = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("filled_qty", &qty, FieldNote("How much.", unit: "units"))
            try fields.field("avg_fill_price", &price, FieldNote("At what price.", unit: "currency per unit"))
            try fields.field("at", &at, "When it was said.")
        }

        static func < (left: Reported, right: Reported) -> Bool {
            (left.qty, left.at, left.price ?? .zero) < (right.qty, right.at, right.price ?? .zero)
        }
    }

    public private(set) var standing: OrderStanding?
    public private(set) var reported: Reported?
    public private(set) var fills = OrderFills()
    /// What was asked for; the smallest that was told, for it never changes under one id.
    public private(set) var qty: Amount?
    public private(set) var replaces: BrokerOrderID?
    public private(set) var replacedBy: BrokerOrderID?
    public private(set) var lastAt: Timestamp?

    public init() {}
    public init(unread: Unread) {}

    public var status: OrderStatus? { standing?.status }
    public var isEnded: Bool { standing?.status.isEnd ?? false }

    /// What is filled: the sum of the executions, or what the broker counts where he named no execution.
    public var filledQty: Amount? { fills.rows.isEmpty ? reported?.qty : fills.qty }

    /// By how much the broker counts more than the executions that we were told of; less is negative.
    ///
    /// `nil` where the two cannot be compared: nothing was counted, or an execution was corrected or taken back.
    public var missingFill: Amount? {
        guard let reported, let told = fills.qty, !fills.isAmended else { return nil }
        let (gap, overflow) = reported.qty.units.subtractingReportingOverflow(told.units)
        return overflow || gap == 0 ? nil : Amount(units: gap)
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("standing", &standing, "How far it is.")
        try fields.field("reported", &reported, "What the broker counts as filled.")
        try fills.walk(&fields)
        try fields.field("qty", &qty, FieldNote("What was asked for.", unit: "units"))
        try fields.field("replaces", &replaces, "The order it replaces.")
        try fields.field("replaced_by", &replacedBy, "The order that replaces it.")
        try fields.field("last_at", &lastAt, "The latest moment that anything told of.")
    }
}

extension OrderLife {
    /// What the broker's stream says; `moment` counts where the message names none.
    public mutating func fold(_ update: BrokerUpdateRecorded, at moment: Timestamp) {
        let moment = update.brokerEventTime ?? moment
        if let said = update.saidStatus { say(OrderStanding(said, at: moment)) }
        if let qty = update.filledQty { report(Reported(qty: qty, price: update.avgFillPrice, at: moment)) }
        if let execution = update.executionID { fold(update, execution, at: moment) }
        note(update.qty, update.replaces, update.replacedBy, at: moment)
    }

    /// What the broker answered when he was asked.
    public mutating func fold(_ snapshot: OrderSnapshotObserved) {
        let moment = snapshot.brokerUpdatedAt ?? snapshot.observedAt
        if let said = snapshot.status.status { say(OrderStanding(said, at: moment)) }
        if let qty = snapshot.filledQty { report(Reported(qty: qty, price: snapshot.avgFillPrice, at: moment)) }
        note(snapshot.qty, snapshot.replaces, snapshot.replacedBy, at: moment)
    }

    /// What was answered to our submit.
    public mutating func fold(_ accepted: AttemptAccepted, at moment: Timestamp) {
        say(OrderStanding(accepted.status, at: accepted.submittedAt ?? moment, isReply: true))
        if let qty = accepted.filledQty {
            report(Reported(qty: qty, price: accepted.filledAvgPrice, at: accepted.submittedAt ?? moment))
        }
    }

    /// What was said of the same order under another of its names.
    public mutating func merge(_ other: OrderLife) {
        if let said = other.standing { say(said) }
        if let said = other.reported { report(said) }
        fills.merge(other.fills)
        note(other.qty, other.replaces, other.replacedBy, at: other.lastAt)
    }

    private mutating func fold(_ update: BrokerUpdateRecorded, _ execution: ExecutionID, at moment: Timestamp) {
        switch ExecutionReport(update, at: moment) {
        case .fill(let slice): fills.change(execution) { $0.report(slice) }
        case .correction(let slice): fills.change(execution) { $0.correct(slice) }
        case .bust: fills.change(execution) { $0.bust() }
        case nil: break
        }
    }

    private mutating func say(_ said: OrderStanding) {
        if standing.map({ $0 < said }) ?? true { standing = said }
    }

    private mutating func report(_ said: Reported) {
        if reported.map({ $0 < said }) ?? true { reported = said }
    }

    private mutating func note(
        _ asked: Amount?, _ replaces: BrokerOrderID?, _ replacedBy: BrokerOrderID?, at moment: Timestamp?
    ) {
        if let asked { qty = qty.map { min($0, asked) } ?? asked }
        if let replaces { self.replaces = self.replaces.map { min($0, replaces) } ?? replaces }
        if let replacedBy { self.replacedBy = self.replacedBy.map { min($0, replacedBy) } ?? replacedBy }
        if let moment { lastAt = lastAt.map { max($0, moment) } ?? moment }
    }
}

/// What an update with an execution id says of that execution.
public enum ExecutionReport: Equatable, Sendable {
    case fill(OrderFill.Slice)
    case correction(OrderFill.Slice)
    case bust

    /// `nil` when the update names an execution and says nothing of it that could be counted.
    public init?(_ update: BrokerUpdateRecorded, at moment: Timestamp) {
        guard update.executionID != nil else { return nil }
        if update.eventType?.text == "trade_bust" {
            self = .bust
            return
        }
        guard let qty = update.fillQty, let price = update.fillPrice, qty > .zero, price >= .zero else { return nil }
        let slice = OrderFill.Slice(qty: qty, price: price, at: update.brokerEventTime ?? moment)
        self = update.eventType?.text == "trade_correct" ? .correction(slice) : .fill(slice)
    }
}
