import Core
import Domain

/// What lies on the log about orders, told shortly; every event comes a second after the one before.
struct ReconcileTale {
    static let account = AccountLabel(trusted: "paper")
    static let start = OrderTale.start

    var state: ReconcileState = ReconcileState(of: AccountLabel(trusted: "paper"))
    private(set) var events: [Event] = []
    private(set) var second = 0

    static func time(_ second: Int) -> Timestamp { OrderTale.time(second) }
    var now: Timestamp { Self.time(second) }

    mutating func pass(_ seconds: Int) { second += seconds }

    mutating func tell(
        _ content: DomainEvent, _ symbol: String? = "AAPL", account: AccountLabel = account, at moment: Timestamp? = nil
    ) {
        second += 1
        let event = Event(
            Envelope(
                eventID: EventID(hashed: UInt64(second), 7), eventTime: moment ?? now, ingestTime: now,
                account: account, symbol: symbol.map { Symbol(trusted: $0) }, source: SourceName(trusted: "test"),
                correlation: StoryID(hashed: 1, 1)), content)
        events.append(event)
        state.fold(event)
    }

    static func evidence(_ id: String, _ adapter: Adapter, expected: Adapter, reason: String?) -> RouteEvidence {
        RouteEvidence(
            executionExpectedAdapter: expected, executionAdapter: adapter,
            executionFallbackReason: reason.map { Code(trusted: $0) }, executionFallbackCount: reason == nil ? 0 : 1,
            executionCorrelationID: CorrelationID(trusted: "c-\(id)"),
            executionIdempotencyKey: ClientOrderID(trusted: "client-\(id)"))
    }

    static func key(_ id: String) -> AttemptKey {
        let hash = TestMint.mint.digest(Array(id.utf8))
        return AttemptKey(
            intentID: IntentID(hashed: hash.words.0, 1), decisionHash: DecisionHash(hash.words),
            clientOrderID: ClientOrderID(trusted: "client-\(id)"), attemptID: AttemptID(hashed: hash.words.0, 2),
            attempt: 1)
    }

    static func terms(_ qty: Amount, limit: Amount? = nil) -> OrderTerms {
        OrderTerms(qty: qty, orderType: limit == nil ? .market : .limit, timeInForce: .day, limitPrice: limit)
    }

    /// An order of ours that a broker took.
    mutating func send(
        _ id: String, qty: Amount = 100, limit: Amount? = nil, side: Side = .buy, by adapter: Adapter = .alpaca,
        expected: Adapter? = nil, reason: String? = nil, symbol: String = "AAPL", account: AccountLabel = account
    ) {
        let evidence = Self.evidence(id, adapter, expected: expected ?? adapter, reason: reason)
        let terms = Self.terms(qty, limit: limit)
        tell(
            .route(
                .attemptPrepared(
                    AttemptPrepared(
                        key: Self.key(id), evidence: evidence, operation: .submit, side: side, terms: terms,
                        requestHash: TestMint.mint.digest([]), deadline: now, ownerEpoch: 1, tradingMode: .paper,
                        policyHash: TestMint.mint.digest([])))), symbol, account: account)
        tell(
            .route(
                .attemptAccepted(
                    AttemptAccepted(
                        key: Self.key(id), evidence: evidence, executionRoute: adapter == .lean ? .lean : .alpaca,
                        routeMarker: adapter == .lean ? .lean : .alpaca, alpacaOrderID: BrokerOrderID(trusted: id),
                        status: .accepted, side: side, terms: terms, reply: AdapterReply(), rawOrder: .emptyObject))),
            symbol, account: account)
    }

    /// What the stream says.
    mutating func stream(_ tale: OrderTale, symbol: String = "AAPL", account: AccountLabel = account, side: Side = .buy)
    {
        for message in tale.messages {
            var message = message
            message.side = side
            tell(.orderEvents(.brokerUpdateRecorded(message)), symbol, account: account)
        }
    }

    /// What the broker answers.
    mutating func read(
        _ id: String, _ status: String, filled: Amount = .zero, average: Amount? = nil, qty: Amount? = 100,
        limit: Amount? = nil, replaces: String? = nil, symbol: String = "AAPL", secondsAgo: Int = 0
    ) {
        second += 1
        let snapshot = OrderSnapshotObserved(
            order: OrderKey(alpacaOrderID: BrokerOrderID(trusted: id)), observedBy: .getOrder,
            observedAt: Self.time(second - secondsAgo),
            status: BrokerWord(trusted: status), side: .buy, qty: qty, limitPrice: limit, filledQty: filled,
            avgFillPrice: average, replaces: replaces.map { BrokerOrderID(trusted: $0) }, rawOrder: .emptyObject)
        tell(.orderEvents(.orderSnapshotObserved(snapshot)), symbol)
    }

    static func facts(at moment: Timestamp, cash: Amount, _ held: [String: Amount] = [:]) -> AccountSnapshotObserved {
        AccountSnapshotObserved(
            asOf: moment, tradingMode: .paper, currency: Label(trusted: "USD"), equity: cash, cash: cash,
            buyingPower: cash, tradingBlocked: false, accountBlocked: false, status: BrokerWord(trusted: "ACTIVE"),
            positions: held.map { HeldPosition(symbol: Symbol(trusted: $0), qty: $1) }, complete: true)
    }

    /// The account as it is read, ten seconds later.
    mutating func account(cash: Amount, _ held: [String: Amount] = [:]) {
        second += 10
        tell(.account(.accountSnapshotObserved(Self.facts(at: now, cash: cash, held))), nil)
    }

    var view: BrokerView { BrokerView(of: Self.account, at: now) }

    func comparison(_ facts: AccountSnapshotObserved? = nil, absent: Set<String> = []) -> BookComparison {
        var view = view
        view.facts = facts
        view.absent = Set(absent.map { BrokerOrderID(trusted: $0) })
        return BookComparison(of: view, with: state)
    }

    /// What does not fit, as `kind` or `kind amount`.
    func differences(_ facts: AccountSnapshotObserved? = nil, absent: Set<String> = []) -> [String] {
        comparison(facts, absent: absent).differences.map { difference in
            difference.kind.rawValue + (difference.amount.map { " \($0)" } ?? "")
        }
    }
}
