public import Core

/// All that the reconciler knows from the log: orders as they were told and as they were read, what the account should
/// hold, and what does not fit.
///
/// A fold that may take the same event twice: what the reconciler writes it folds at once, and reads it back later.
public struct ReconcileState: Snapshot {
    public static let foldName = "torghut.reconcile.4"

    /// How long the end of a discrepancy is remembered, and of how many.
    static let endMemory: Duration = .seconds(30 * 86_400)
    static let endedAtMost = 10_000

    /// Whose books are compared; what lies on the log of other accounts is passed over.
    public let account: AccountLabel
    var book: ReconcileBook
    var flows: [AccountLabel: AccountFlow] = [:]
    public private(set) var open = KeyedRows<OpenDiscrepancy>()
    private var ended = KeyedRows<EndedDiscrepancy>()
    /// When each account's facts were last written.
    public private(set) var facts: [AccountLabel: AccountSnapshotObserved] = [:]
    public private(set) var clock = Timestamp.earliest
    /// What the holder of the account's stream said last; `nil` where nobody ever had it.
    private var stream: StreamWord?

    public init(of account: AccountLabel, _ memory: FeedBook.Memory = FeedBook.Memory()) {
        self.account = account
        book = ReconcileBook(memory)
    }

    public static let wanted: Set<EventType> = [
        .route(.attemptPrepared), .route(.attemptAccepted), .route(.attemptRejected), .route(.attemptResolved),
        .route(.cancelConfirmed), .route(.replaceRequested), .route(.replaceDone),
        .orderEvents(.brokerUpdateRecorded), .orderEvents(.orderSnapshotObserved),
        .orderEvents(.discrepancyFound), .orderEvents(.discrepancyResolved), .account(.accountSnapshotObserved),
        .control(.streamLeaseTaken),
    ]

    public var orderCount: Int { book.count }

    public func order(
        _ account: AccountLabel, _ client: ClientOrderID?, _ alpaca: BrokerOrderID?
    ) -> ReconciledOrder? { book.order(account, client, alpaca) }

    /// Orders of which something may not fit, or that are not over, in the order they became known.
    public func watchedOrders(of account: AccountLabel) -> [ReconciledOrder] {
        book.watchedOrders.filter { $0.account == account }
    }

    /// The discrepancy of this kind about the same thing that ended last.
    public func lastEnded(_ key: DiscrepancyKey) -> EventID? { ended[key]?.id }

    public mutating func fold(_ event: Event) {
        let envelope = event.envelope
        if case .control(.streamLeaseTaken(let lease)) = event.content { return fold(lease) }
        guard let account = envelope.account, account == self.account else { return }
        if envelope.ingestTime > clock {
            clock = envelope.ingestTime
            book.forget(at: clock)
        }
        switch event.content {
        case .route(let route): fold(route, envelope, account)
        case .orderEvents(.brokerUpdateRecorded(let update)): fold(update, envelope, account)
        case .orderEvents(.orderSnapshotObserved(let snapshot)): fold(snapshot, envelope, account)
        case .orderEvents(.discrepancyFound(let found)): fold(found, envelope, account)
        case .orderEvents(.discrepancyResolved(let resolved)): fold(resolved, envelope, account)
        case .account(.accountSnapshotObserved(let seen)):
            flows[account, default: AccountFlow(account)].observe(seen, writtenAt: envelope.ingestTime)
            if facts[account].map({ $0.asOf < seen.asOf }) ?? true { facts[account] = seen }
        default: break
        }
    }

    /// Whoever was succeeded has no say any more.
    private mutating func fold(_ lease: StreamLeaseTaken) {
        guard lease.stream == StreamLeaseTaken.updates(of: account), lease.epoch >= stream?.epoch ?? 0 else { return }
        stream = StreamWord(stream: lease.stream, epoch: lease.epoch, readyUntil: lease.readyUntil)
    }

    /// Whether nothing that the broker said is on its way to the log, as far as the stream's holder knows.
    public func isStreamReady(at now: Timestamp) -> Bool {
        guard let stream else { return true }
        return stream.readyUntil.map { now < $0 } ?? false
    }

    mutating func change(
        _ account: AccountLabel, _ client: ClientOrderID?, _ alpaca: BrokerOrderID?, _ envelope: Envelope,
        movedAt moment: Timestamp? = nil, _ change: (inout ReconciledOrder) -> Void
    ) {
        guard client != nil || alpaca != nil else { return }
        let moved = book.change(account, client, alpaca, at: envelope.ingestTime) { order in
            order.symbol = order.symbol ?? envelope.symbol
            change(&order)
        }
        guard let moved else { return }
        flows[account, default: AccountFlow(account)].move(
            // A clock that goes ahead elsewhere must not put off every comparison.
            moved.symbol, moved.qty, moved.money, at: min(moment ?? envelope.eventTime, envelope.ingestTime))
    }

    mutating func drop(_ account: AccountLabel, _ client: ClientOrderID) { book.drop(account, client) }
}

/// Discrepancies, as they lie on the log.
extension ReconcileState {
    private static func key(_ kind: DiscrepancyKind, _ order: OrderKey, _ account: AccountLabel, _ symbol: Symbol)
        -> DiscrepancyKey
    {
        switch kind {
        case .positionMismatch, .cashMismatch: DiscrepancyKey(account, symbol, kind)
        default: DiscrepancyKey(account, order, kind)
        }
    }

    private mutating func fold(_ found: DiscrepancyFound, _ envelope: Envelope, _ account: AccountLabel) {
        guard let symbol = envelope.symbol, found.detectedBy == Reconciliation.detector else { return }
        let key = Self.key(found.kind, found.order, account, symbol)
        guard ended[key]?.id != found.discrepancyID else { return }
        var row = OpenDiscrepancy(key, found, symbol, at: envelope.eventTime)
        if let known = open[key], known.id == row.id { row.openedAt = min(row.openedAt, known.openedAt) }
        if let known = open[key], known.id == row.id, known.isExplained { return }
        open.put(row)
        if found.kind == .unknownBrokerOrder {
            change(account, found.order.clientOrderID, found.order.alpacaOrderID, envelope) { $0.isShown = true }
        }
    }

    private mutating func fold(_ resolved: DiscrepancyResolved, _ envelope: Envelope, _ account: AccountLabel) {
        guard let symbol = envelope.symbol else { return }
        let key = Self.key(resolved.kind, resolved.order, account, symbol)
        guard var row = open[key], row.id == resolved.discrepancyID, !row.isExplained else { return }
        if resolved.actor != nil, let amount = row.amount {
            flows[account]?.explain(row.kind, row.symbol, amount)
        }
        let isAccount = row.kind == .positionMismatch || row.kind == .cashMismatch
        if resolved.actor != nil, !isAccount {
            // It still shows, and must not be opened again while it shows the same.
            row.isExplained = true
            open.put(row)
        } else {
            open.remove(key)
        }
        remember(key, row.id, at: envelope.ingestTime)
        // Of an order from outside that nobody saw end, this is the end.
        let ids = (row.order.clientOrderID, row.order.alpacaOrderID)
        if row.kind == .unknownBrokerOrder, resolved.actor == nil, order(account, ids.0, ids.1) != nil {
            change(account, ids.0, ids.1, envelope) { $0.goneAt = envelope.ingestTime }
        }
    }

    /// An explained discrepancy that shows no more is over for good.
    mutating func forgetExplained(_ key: DiscrepancyKey) { open.remove(key) }

    private mutating func remember(_ key: DiscrepancyKey, _ id: EventID, at moment: Timestamp) {
        ended.put(EndedDiscrepancy(key, id, at: moment))
        guard ended.count > Self.endedAtMost else { return }
        let limit = moment.advanced(by: .zero - Self.endMemory) ?? .earliest
        ended.removeAll { $0.endedAt < limit }
        if ended.count > Self.endedAtMost, let oldest = ended.rows.min(by: { $0.endedAt < $1.endedAt }) {
            ended.remove(oldest.key)
        }
    }
}

extension ReconcileState {
    public func write(to writer: inout StateWriter) {
        var (account, clock) = (account, clock)
        writer.field("account_label", &account, "Whose books.")
        writer.field("clock", &clock, "The latest moment.")
        var stream = stream
        writer.field("stream", &stream, "The account's stream.")
        book.write(to: &writer)
        writer.rows(flows.values.sorted { $0.account < $1.account })
        writer.rows(open.rows)
        writer.rows(ended.rows)
        let facts = facts.sorted { $0.key < $1.key }
        writer.number(UInt64(facts.count))
        for (account, seen) in facts {
            var (account, seen) = (account, seen)
            writer.field("account_label", &account, "Whose.")
            seen.walk(&writer)
        }
    }

    public init(from reader: inout StateReader) throws(StateFault) {
        var account = AccountLabel.blank
        try reader.field("account_label", &account, "Whose books.")
        self.init(of: account)
        try reader.field("clock", &clock, "The latest moment.")
        try reader.field("stream", &stream, "The account's stream.")
        book = try ReconcileBook(from: &reader, FeedBook.Memory())
        for flow in try reader.rows(of: AccountFlow.self) { flows[flow.account] = flow }
        for row in try reader.rows(of: OpenDiscrepancy.self) { open.put(row) }
        for row in try reader.rows(of: EndedDiscrepancy.self) { ended.put(row) }
        for _ in 0..<(try reader.number()) {
            var account = AccountLabel.blank
            try reader.field("account_label", &account, "Whose.")
            facts[account] = try AccountSnapshotObserved.filled(by: &reader)
        }
    }
}
