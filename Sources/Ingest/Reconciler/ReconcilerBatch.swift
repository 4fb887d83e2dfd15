internal import Adapters
internal import Core
internal import Domain
internal import Wire

/// The events of one round, on their way to the log.
struct ReconcilerBatch {
    private(set) var events: [Event] = []
    private var clock: Timestamp
    private var seq: Int64
    private let account: AccountLabel

    init(of account: AccountLabel, after clock: Timestamp, seq: Int64) {
        self.account = account
        self.clock = clock
        self.seq = seq
    }

    var lastSeq: Int64 { seq }

    /// What the answer says, as it is recorded.
    static func snapshot(_ answer: BrokerRound.Answer, _ known: ReconciledOrder?) -> OrderSnapshotObserved {
        let order = answer.order
        let key = OrderKey(
            intentID: known?.intent, decisionHash: known?.decision,
            clientOrderID: order.clientOrderID ?? known?.clientOrderID, alpacaOrderID: order.id)
        return OrderSnapshotObserved(
            order: key, observedBy: answer.observedBy, observedAt: answer.at,
            status: BrokerWord(trusted: order.status.rawValue), side: order.side,
            orderType: order.orderType.map { BrokerWord(trusted: $0.rawValue) },
            timeInForce: order.timeInForce.map { BrokerWord(trusted: $0.rawValue) }, qty: order.qty,
            notional: order.notional, limitPrice: order.limitPrice, stopPrice: order.stopPrice,
            filledQty: order.filledQty, avgFillPrice: order.filledAvgPrice, brokerUpdatedAt: order.updatedAt,
            replaces: order.replaces, replacedBy: order.replacedBy,
            // From the router's record, never from this read: whoever answers says nothing of where it was sent.
            executionExpectedAdapter: known?.route?.expected, executionAdapter: known?.route?.adapter,
            executionFallbackReason: known?.route?.fallbackReason, rawOrder: order.raw)
    }

    mutating func add(_ snapshot: OrderSnapshotObserved, of symbol: Symbol, story: StoryID?) {
        let id = snapshot.order.alpacaOrderID?.text ?? ""
        add(
            .orderEvents(.orderSnapshotObserved(snapshot)), at: snapshot.observedAt, symbol,
            named: "order/\(id)/\(snapshot.observedAt.nanoseconds)", story: story)
    }

    mutating func add(_ facts: AccountSnapshotObserved) {
        add(
            .account(.accountSnapshotObserved(facts)), at: facts.asOf, nil, named: "account/\(facts.asOf.nanoseconds)",
            story: nil)
    }

    mutating func add(_ difference: BookDifference, opening id: EventID, at moment: Timestamp) {
        let found = DiscrepancyFound(
            discrepancyID: id, kind: difference.kind, severity: difference.severity, order: difference.order,
            expected: Self.prose(difference.expected), observed: Self.prose(difference.observed),
            difference: difference.amount,
            detectedBy: Reconciliation.detector, evidence: Self.evidence(difference, at: moment))
        add(
            .orderEvents(.discrepancyFound(found)), at: moment, difference.symbol,
            named: "found/\(id)/\(moment.nanoseconds)", story: difference.story)
    }

    mutating func add(_ row: OpenDiscrepancy, resolvedAt moment: Timestamp, _ resolution: DiscrepancyResolution) {
        let evidence = CompactJSON(trusted: Array(#"{"shown_no_more_at":"\#(moment)"}"#.utf8))
        let resolved = DiscrepancyResolved(
            discrepancyID: row.id, kind: row.kind, order: row.order, resolution: resolution, evidence: evidence)
        add(
            .orderEvents(.discrepancyResolved(resolved)), at: moment, row.symbol, named: "resolved/\(row.id)",
            story: nil)
    }

    private mutating func add(
        _ content: DomainEvent, at moment: Timestamp, _ symbol: Symbol?, named name: String, story: StoryID?
    ) {
        seq += 1
        // Each has a moment of its own, so that whoever reads them back folds them in this order.
        clock = clock.advanced(by: .nanoseconds(1)) ?? .latest
        let id = EventMint.eventID(.outside(source: "reconciler", key: "\(account)/\(name)"))
        let envelope = Envelope(
            eventID: id, eventTime: moment, ingestTime: clock, account: account, symbol: symbol, seq: seq,
            source: Reconciliation.source, correlation: story ?? StoryID(high: id.high, low: id.low))
        events.append(Event(envelope, content))
    }

    private static func prose(_ text: String) -> Prose {
        do { return try Prose(text) } catch { preconditionFailure("our own words are short: \(error)") }
    }

    /// Names that need no escaping: numbers, times and words of ours.
    private static func evidence(_ difference: BookDifference, at moment: Timestamp) -> CompactJSON {
        var fields = [#""compared_at":"\#(moment)""#, #""moved_at":"\#(difference.movedAt)""#]
        if let seen = difference.seenAt { fields.append(#""asked_at":"\#(seen)""#) }
        if let route = difference.route {
            fields.append(#""execution_expected_adapter":"\#(route.expected.rawValue)""#)
            fields.append(#""execution_adapter":"\#(route.adapter.rawValue)""#)
        }
        return CompactJSON(trusted: Array("{\(fields.joined(separator: ","))}".utf8))
    }
}

extension EventMint {
    /// The id of a discrepancy: what it is about, and the one of its kind that ended last.
    ///
    /// Nothing of what showed it: two who look at one time see other numbers of the same thing.
    static func discrepancyID(_ key: DiscrepancyKey, after last: EventID?) -> EventID {
        let text = [
            key.account.text, key.about, key.kind.rawValue, last.map { "\($0)" } ?? "",
        ].map { "\($0.utf8.count):\($0)" }.joined()
        return eventID(.step(of: "discrepancy", text))
    }
}
