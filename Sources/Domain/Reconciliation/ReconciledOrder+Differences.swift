internal import Core

/// What is told of an order, and what the broker says when he is asked, side by side.
extension ReconciledOrder {
    /// An average price that differs by less was only rounded elsewhere.
    static let priceTolerance = Amount(units: Amount.unitsPerOne / 10_000)

    /// Whether the answer is younger than everything we were told.
    var isReadFresh: Bool { read.map { $0.observedAt >= heardAt } ?? false }

    /// What the broker counts as filled: his younger answer, or else the largest sum he named.
    private var countedByBroker: Amount? {
        if isReadFresh, let filled = read?.filledQty { return filled }
        guard let read = read?.filledQty, let reported = told.reported?.qty else {
            return told.reported?.qty ?? read?.filledQty
        }
        return max(read, reported)
    }

    /// What we were told was filled, fill by fill: a sum that an order carries when it is canceled is no report of them.
    private var toldQty: Amount? { told.fills.rows.isEmpty ? filledByWord : told.fills.qty }

    /// By how much the broker counts more than we were told of; less is negative.
    var fillGap: Amount? {
        // Of what was corrected or taken back the broker's sums say nothing.
        guard !told.fills.isAmended, let counted = countedByBroker else { return nil }
        let gap = counted.less(toldQty ?? .zero)
        return gap.isZero ? nil : gap
    }

    /// What it comes to in the account: the broker's sum, because what is missing of it is a difference of its own.
    var movement: Moved {
        guard let side else { return Moved() }
        var moved = Moved()
        if fillGap != nil, let counted = countedByBroker {
            moved.qty = counted
            let isRead = read?.filledQty == counted
            let price = isRead ? read?.averagePrice ?? told.reported?.price : told.reported?.price
            moved.money = counted.times(price ?? .zero)
        } else if told.fills.rows.isEmpty {
            moved.qty = told.filledQty ?? .zero
            moved.money = moved.qty.times(told.reported?.price ?? .zero)
        } else {
            moved.qty = told.filledQty ?? .zero
            moved.money = toldMoney
        }
        switch side {
        case .buy: moved.money = Amount.zero.less(moved.money)
        case .sell: moved.qty = Amount.zero.less(moved.qty)
        }
        return moved
    }

    private var toldMoney: Amount {
        told.fills.rows.reduce(.zero) { sum, row in
            row.effective.map { sum.plus($0.qty.times($0.price)) } ?? sum
        }
    }

    /// Everything that does not fit, by this order alone.
    var differences: [BookDifference] {
        guard isOurs else { return outsideDifference.map { [$0] } ?? [] }
        return [fillDifference, statusDifference, qtyDifference, priceDifference].compactMap { $0 }
    }

    /// Nothing of ours made it; it is shown once, and is over when it has ended.
    private var outsideDifference: BookDifference? {
        guard alpacaOrderID != nil, !(isShown && isEnded) else { return nil }
        return difference(
            .unknownBrokerOrder, .info, "no order of ours", "an order that is \(statusText)", since: firstHeardAt)
    }

    private var fillDifference: BookDifference? {
        guard let gap = fillGap, let counted = countedByBroker else { return nil }
        let told = toldQty ?? .zero
        return difference(
            gap.isNegative ? .extraFill : .missingFill, gap.isNegative ? .critical : .warning,
            "\(told) filled, as we were told", "\(counted) filled", by: gap)
    }

    /// Working states follow one another too fast to be held against each other; whether and how it ended is not.
    private var statusDifference: BookDifference? {
        guard let told = told.status, let read, let seen = read.status.status else { return nil }
        switch (told.isEnd, seen.isEnd) {
        case (false, false): return nil
        case (true, true) where told == seen: return nil
        // The order is filled, and of that a fill is missing: one thing, told once.
        case (false, true) where seen == .filled && fillGap != nil: return nil
        case (true, false) where !isReadFresh: return nil
        case (true, _):
            return difference(.statusMismatch, .critical, told.rawValue, seen.rawValue)
        case (false, true):
            return difference(.statusMismatch, .warning, told.rawValue, seen.rawValue)
        }
    }

    private var qtyDifference: BookDifference? {
        guard let asked = askedQty, let seen = read?.qty, asked != seen else { return nil }
        return difference(
            .qtyMismatch, .critical, "\(asked) asked for", "\(seen) asked for", by: seen.less(asked))
    }

    private var priceDifference: BookDifference? {
        if let asked = askedLimit, let seen = read?.limitPrice, asked != seen {
            return difference(
                .priceMismatch, .warning, "limit price \(asked)", "limit price \(seen)", by: seen.less(asked))
        }
        guard fillGap == nil, !told.fills.isAmended, !told.fills.rows.isEmpty, isReadFresh,
            let seen = read?.averagePrice, let qty = told.filledQty, let average = toldMoney.over(qty)
        else { return nil }
        let gap = seen.less(average)
        guard gap.size > max(Self.priceTolerance, average.size.times(Amount(units: 1_000))) else { return nil }
        return difference(
            .priceMismatch, .warning, "filled at \(average) on average", "filled at \(seen) on average", by: gap)
    }

    /// The broker says in his own words that he has no such order.
    func absence(seenAt moment: Timestamp) -> BookDifference? {
        guard isOurs, !isEnded else { return nil }
        var difference = difference(
            .missingAtBroker, .critical, "an order that is \(told.status?.rawValue ?? "accepted")",
            "no such order")
        difference.seenAt = moment
        return difference
    }

    var statusText: String { read?.status.text ?? told.status?.rawValue ?? "of unknown status" }

    private func difference(
        _ kind: DiscrepancyKind, _ severity: Severity, _ expected: String, _ observed: String, by amount: Amount? = nil,
        since: Timestamp? = nil
    ) -> BookDifference {
        BookDifference(
            DiscrepancyKey(account, self, kind), severity, key, symbol ?? Symbol(trusted: "UNKNOWN"),
            expected: expected, observed: observed, by: amount, movedAt: since ?? movedAt,
            // What the answer did not show, every look shows anew.
            seenAt: isReadFresh ? read?.observedAt : nil, route: route, story: story)
    }
}
