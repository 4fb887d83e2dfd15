import Core
import Domain

/// What happens to one live intent, event by event, and the book that folds it.
struct ShadowTale {
    static let start = Timestamp(nanoseconds: 1_770_000_000_000_000_000)
    static let account = AccountLabel(trusted: "paper")

    var book: ShadowBook
    var now = start
    private(set) var events: [(event: Event, position: RecordPosition)] = []
    private var offset: Int64 = 0
    let side: Side
    let hash: DecisionHash
    let symbol = Symbol(trusted: "AAPL")

    init(_ name: String = "one", side: Side = .buy, _ policy: ShadowPolicy = ShadowPolicy()) {
        book = ShadowBook(policy)
        self.side = side
        hash = DecisionHash(TestMint.hash(Array(name.utf8)))
    }

    var intentID: IntentID { TestMint.mint.intentID(of: hash, account: "paper") }

    mutating func after(_ wait: Duration) { now = now.advanced(by: wait) ?? .latest }

    mutating func write(_ content: DomainEvent, id: EventID? = nil) {
        offset += 1
        let control = content.type.family == .control
        let envelope = Envelope(
            eventID: id ?? EventID(high: 7, low: UInt64(offset)), eventTime: now, ingestTime: now,
            account: control ? nil : Self.account, symbol: control ? nil : symbol,
            source: SourceName(trusted: "test"), correlation: StoryID(high: 1, low: 1))
        let position = RecordPosition(TopicPartition(content.type.family.topic.name, 0), offset)
        events.append((Event(envelope, content), position))
        book.fold(Event(envelope, content), at: position)
    }

    mutating func emitted(qty: Amount = 10) {
        let nothing = ContentHash((0, 0, 0, 0))
        write(
            .intents(
                .intentEmitted(
                    IntentEmitted(
                        intentID: intentID, decisionHash: hash, clientOrderID: ClientOrderID(trusted: "\(hash)"),
                        strategyID: StrategyID(trusted: "momentum"), timeframe: .oneMinute, side: side,
                        terms: OrderTerms(qty: qty, orderType: .market, timeInForce: .day),
                        executionExpectedAdapter: .alpaca, executionAdapterPolicy: .all, routeReason: .policyAll,
                        judgement: Judgement(
                            policyHash: nothing, configHash: nothing, tradingMode: .paper, capitalStage: .paper,
                            judgedAt: [])))))
    }

    mutating func simulated(_ price: Amount?, _ authority: AuthorityMode = .embeddedEngine) {
        write(
            .shadow(
                .shadowSimulated(
                    ShadowSimulated(
                        intentID: intentID, decisionHash: hash,
                        executionCorrelationID: CorrelationID(trusted: "c"), side: side,
                        terms: OrderTerms(qty: 10, orderType: .market, timeInForce: .day),
                        simulatedFillPrice: price, parityStatus: price == nil ? .inconclusive : .unknown,
                        failureTaxonomy: price == nil ? .quoteMissing : nil, authorityMode: authority,
                        simulationJSON: .emptyObject))))
    }

    /// The route's end of it: nobody else tries, or it was withdrawn.
    mutating func refused(_ end: String) {
        let key = AttemptKey(
            intentID: intentID, decisionHash: hash, clientOrderID: ClientOrderID(trusted: "\(hash)"),
            attemptID: AttemptID(high: 1, low: 1), attempt: 1)
        guard end != "withdrawn" else {
            return write(
                .route(
                    .intentWithdrawn(
                        IntentWithdrawn(
                            intentID: intentID, decisionHash: hash, clientOrderID: key.clientOrderID,
                            withdrawalReason: .expired, attemptCount: 0))))
        }
        let evidence = RouteEvidence(
            executionExpectedAdapter: .lean, executionAdapter: .lean, executionFallbackCount: 0,
            executionCorrelationID: CorrelationID(trusted: "c"), executionIdempotencyKey: key.clientOrderID)
        write(
            .route(
                .attemptRejected(
                    AttemptRejected(
                        key: key, evidence: evidence, rejectionClass: .brokerRejected, proof: .refusedByContract,
                        failureTaxonomy: .http4xx, fallbackAllowed: end == "falls back", reply: AdapterReply()))))
    }

    /// What the broker says of the order; `slice` is one execution of it.
    mutating func told(
        _ event: String, status: String, filled: Amount? = nil, average: Amount? = nil, order: String? = "o-1",
        client: String? = nil, slice: (id: String, qty: Amount, price: Amount)? = nil
    ) {
        write(
            .orderEvents(
                .brokerUpdateRecorded(
                    BrokerUpdateRecorded(
                        eventFingerprint: TestMint.mint.digest(Array("\(offset)".utf8)),
                        sourceTopic: TopicName(trusted: "torghut.trade-updates.v1"), sourcePartition: 0,
                        sourceOffset: offset, updateShape: .rawFrame, accountLabelOrigin: .laneDefault,
                        eventType: BrokerWord(trusted: event), status: BrokerWord(trusted: status),
                        brokerEventTime: now, alpacaOrderID: order.map { BrokerOrderID(trusted: $0) },
                        clientOrderID: client.map { ClientOrderID(trusted: $0) },
                        executionID: slice.map { ExecutionID(trusted: $0.id) }, filledQty: filled,
                        avgFillPrice: average, fillQty: slice?.qty, fillPrice: slice?.price,
                        classification: .applied, decisionHash: hash, rawEvent: .emptyObject))))
    }

    mutating func filled(_ qty: Amount, at price: Amount, id: String = "e-1", whole: Bool = true, total: Amount? = nil)
    {
        told(
            whole ? "fill" : "partial_fill", status: whole ? "filled" : "partially_filled", filled: total ?? qty,
            slice: (id, qty, price))
    }

    /// What the lane would write now, written.
    mutating func judged() -> [ShadowParityJudged] {
        let found = book.takeJudgements(at: now).map(\.event)
        for event in found { write(.shadow(.shadowParityJudged(event))) }
        return found
    }
}
