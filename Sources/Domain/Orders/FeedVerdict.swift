public import Core

/// What the feed makes of one broker update.
public struct FeedVerdict: Sendable, Equatable {
    public var classification: UpdateClass
    public var reason: Code?
    /// What the update adds to what is filled.
    public var delta: Amount?
    public var basis: FillBasis?
    /// The order's symbol, as the first who named it spelt it.
    public var symbol: Symbol?
    /// `nil` for an order that is not ours.
    public var decision: DecisionHash?
    public var attempt: AttemptID?
    public var story: StoryID?
}

/// Why an update was classified as it was, where its class alone does not say it.
public enum FeedReason: String, CaseIterable, Sendable {
    case accountOutOfScope = "account_out_of_scope"
    case eventSeen = "event_seen"
    case executionSeen = "execution_seen"
    case noOrderOfOurs = "no_order_of_ours"
    case olderThanKnown = "older_than_known"
    case endedOtherwise = "ended_otherwise"
    case symbolDiffers = "symbol_differs"
    case moreThanAskedFor = "more_than_asked_for"

    public var code: Code { Code(trusted: rawValue) }
}

extension FeedState {
    /// Says what an update is, before it is folded; `accounts` are ours, and an empty set is every account.
    public func judge(
        _ update: BrokerUpdateRecorded, of account: AccountLabel, _ symbol: Symbol?, takenIn moment: Timestamp,
        ours accounts: Set<AccountLabel>
    ) -> FeedVerdict {
        let order = book.order(account, update.clientOrderID, update.alpacaOrderID)
        var verdict = FeedVerdict(classification: .applied)
        verdict.symbol = order?.symbol ?? symbol
        verdict.decision = order?.decision ?? update.clientOrderID.flatMap(DecisionHash.init(of:))
        verdict.attempt = order?.attempt
        verdict.story = order?.story
        guard accounts.isEmpty || accounts.contains(account) else { return verdict.being(.foreign, .accountOutOfScope) }
        guard !seen.contains(update.eventFingerprint) else { return verdict.being(.duplicate, .eventSeen) }
        let before = order?.life ?? OrderLife()
        var after = before
        after.fold(update, at: moment)
        let isSame = after.isSame(as: before)
        if isSame, let execution = update.executionID, before.fills[execution] != nil {
            return verdict.being(.duplicate, .executionSeen)
        }
        verdict.count(update, before, after)
        let contradiction = Self.contradiction(update, before, after, order?.symbol, symbol)
        // What moves an order moves it, also where it contradicts what was known.
        if let contradiction, isSame { return verdict.being(.conflict, contradiction) }
        guard verdict.decision != nil else { return verdict.being(.unlinked, .noOrderOfOurs) }
        guard isSame else { return verdict.being(.applied, contradiction) }
        let isOlder = before.isBeyond(update, at: moment)
        return isOlder ? verdict.being(.outOfOrder, .olderThanKnown) : verdict.being(.noChange, nil)
    }

    private static func contradiction(
        _ update: BrokerUpdateRecorded, _ before: OrderLife, _ after: OrderLife, _ known: Symbol?, _ symbol: Symbol?
    ) -> FeedReason? {
        if let known, let symbol, !symbol.isSpelling(of: known) { return .symbolDiffers }
        if let known = before.status, known.isEnd, let said = update.saidStatus, said.isEnd, said != known {
            return .endedOtherwise
        }
        if let asked = after.qty, let filled = after.fills.qty, filled > asked, after.fills != before.fills {
            return .moreThanAskedFor
        }
        return nil
    }
}

extension FeedVerdict {
    fileprivate func being(_ classification: UpdateClass, _ reason: FeedReason?) -> FeedVerdict {
        var verdict = self
        verdict.classification = classification
        verdict.reason = reason?.code
        guard classification == .duplicate || classification == .foreign else { return verdict }
        (verdict.delta, verdict.basis) = (nil, nil)
        return verdict
    }

    /// What it adds: the slice it carries, or else by how much the broker's count rose.
    fileprivate mutating func count(_ update: BrokerUpdateRecorded, _ before: OrderLife, _ after: OrderLife) {
        if after.fills != before.fills {
            guard let now = after.fills.qty, let then = before.fills.qty else { return }
            let (change, overflow) = now.units.subtractingReportingOverflow(then.units)
            (delta, basis) = overflow ? (nil, nil) : (Amount(units: change), .delta)
        } else if let said = update.filledQty, update.saidStatus?.isFilling ?? false {
            let known = max(before.reported?.qty ?? .zero, before.fills.qty ?? .zero)
            let isMore = said > known
            delta = isMore ? Amount(units: said.units - known.units) : .zero
            basis = isMore ? .cumulativeToDelta : .cumulativeNonIncreasing
        }
    }
}

extension OrderLife {
    /// Whether the order was further than the update says before it came.
    fileprivate func isBeyond(_ update: BrokerUpdateRecorded, at moment: Timestamp) -> Bool {
        guard let standing, let said = update.saidStatus, said != standing.status else { return false }
        return OrderStanding(said, at: update.brokerEventTime ?? moment) < standing
    }

    /// Whether nothing but the time of the latest word differs.
    fileprivate func isSame(as other: OrderLife) -> Bool {
        status == other.status && reported?.qty == other.reported?.qty && fills == other.fills && qty == other.qty
            && replaces == other.replaces && replacedBy == other.replacedBy
    }
}

extension OrderStatus {
    fileprivate var isFilling: Bool { self == .filled || self == .partiallyFilled }
}
