import Core

@testable import Domain

/// Writes whole stories as the product writes them: with their causes, in the topics where they lie.
struct StoryMaker {
    let hash = DecisionHash((0xA1, 2, 3, 4))
    let intent = IntentID(hashed: 10, 1)
    let account = AccountLabel(trusted: "paper")
    let symbol = Symbol(trusted: "AAPL")
    let qty = Amount(10)
    private(set) var records: [StoryRecord] = []
    private var now = Timestamp(nanoseconds: 1_770_878_100_000_000_000)
    private var offsets: [String: Int64] = [:]
    private var number: UInt64 = 100
    private var intentPlace: (EventID, Cause)?

    static let messages = TopicPartition(TopicCatalog.tradeUpdates.name, 1)
    /// The log still has every message.
    static let held = [messages: Int64(0)]

    var moment: Timestamp { now }

    mutating func message(_ message: BrokerMessage) -> RecordPosition {
        let place = place(Self.messages.topic, Self.messages.partition)
        records.append(StoryRecord(.message(message), at: place))
        return place
    }

    var client: ClientOrderID { ClientOrderID(trusted: "\(hash)") }
    var terms: OrderTerms {
        OrderTerms(qty: qty, orderType: .limit, timeInForce: .day, limitPrice: Amount(190))
    }
    var judgement: Judgement {
        Judgement(
            policyHash: ContentHash((7, 0, 0, 0)), configHash: ContentHash((8, 0, 0, 0)), tradingMode: .paper,
            capitalStage: .paper,
            judgedAt: [LogPosition(topic: TopicName(trusted: "torghut.control.v1"), partition: 0, offset: 1)])
    }

    static func prose(_ text: StaticString) -> Prose { Prose(known: text) }
    static func broker(_ number: Int) -> BrokerOrderID { BrokerOrderID(trusted: "broker-\(number)") }
    static func attempt(_ number: UInt64) -> AttemptID { AttemptID(hashed: number, 77) }

    mutating func id() -> EventID {
        number += 1
        return EventID(hashed: number, 5)
    }

    @discardableResult
    mutating func tell(_ content: DomainEvent, causation: EventID? = nil, cause: Cause? = nil) -> EventID {
        now = now.advanced(by: .milliseconds(40)) ?? now
        let id = id()
        let family = content.type.family
        let event = Event(
            Envelope(
                eventID: id, eventTime: now, ingestTime: now, account: family.needsAccount ? account : nil,
                symbol: family.needsSymbol ? symbol : nil, source: SourceName(trusted: "test"),
                correlation: StoryID(hashed: 1, 1), causation: causation, cause: cause), content)
        let keyed = family.needsSymbol && family != .strategyShadow
        records.append(StoryRecord(.event(event), at: place(family.topic.name, keyed ? 3 : 0)))
        return id
    }

    private mutating func place(_ topic: String, _ partition: Int32) -> RecordPosition {
        let offset = offsets[topic, default: 0]
        offsets[topic] = offset + 1
        return RecordPosition(TopicPartition(topic, partition), offset)
    }

    private func cause(_ place: RecordPosition) -> Cause {
        Cause(topic: place.source.topic, partition: place.source.partition, offset: place.offset)
    }

    @discardableResult
    mutating func route(_ said: Route) -> EventID {
        tell(.route(said), causation: intentPlace?.0, cause: intentPlace?.1)
    }

    func key(_ number: Int64, _ client: ClientOrderID? = nil) -> AttemptKey {
        AttemptKey(
            intentID: intent, decisionHash: hash, clientOrderID: client ?? self.client,
            attemptID: Self.attempt(UInt64(number)), attempt: number)
    }

    func evidence(_ adapter: Adapter) -> RouteEvidence {
        RouteEvidence(
            executionExpectedAdapter: .lean, executionAdapter: adapter, executionFallbackCount: 0,
            executionCorrelationID: CorrelationID(trusted: "c"), executionIdempotencyKey: client)
    }

    func order(_ broker: Int) -> OrderKey {
        OrderKey(
            intentID: intent, decisionHash: hash, clientOrderID: client, alpacaOrderID: Self.broker(broker))
    }
}

/// The steps of an order.
extension StoryMaker {
    mutating func decide() {
        let id = tell(
            .decisions(
                .decisionRecorded(
                    DecisionRecorded(
                        decisionHash: hash, strategyID: StrategyID(trusted: "s"), timeframe: .oneMinute, action: .buy,
                        terms: terms, identityParams: []))))
        intentPlace = records.last.map { (id, cause($0.place)) }
    }

    mutating func emit() {
        let (id, place) = (intentPlace?.0, intentPlace?.1)
        let own = tell(
            .intents(
                .intentEmitted(
                    IntentEmitted(
                        intentID: intent, decisionHash: hash, clientOrderID: client,
                        strategyID: StrategyID(trusted: "s"), timeframe: .oneMinute, side: .buy, terms: terms,
                        executionExpectedAdapter: .lean, executionAdapterPolicy: .all, routeReason: .policyAll,
                        executionFallbackAdapter: .alpaca, judgement: judgement))),
            causation: id, cause: place)
        intentPlace = records.last.map { (own, cause($0.place)) }
    }

    mutating func reject() {
        tell(
            .intents(
                .decisionRejected(
                    DecisionRejected(
                        decisionHash: hash, strategyID: StrategyID(trusted: "s"), timeframe: .oneMinute, action: .buy,
                        terms: terms, riskReasons: [.maxNotionalExceeded, .shortsNotAllowed], rejectClass: .policy,
                        rejectOrigin: .riskEngine, submissionStage: .rejectedPreSubmit, judgement: judgement))),
            causation: intentPlace?.0, cause: intentPlace?.1)
    }

    mutating func prepare(_ number: Int64, _ adapter: Adapter, replacing client: ClientOrderID? = nil) {
        route(
            .attemptPrepared(
                AttemptPrepared(
                    key: key(number, client), evidence: evidence(adapter),
                    operation: client == nil ? .submit : .replace,
                    replacesClientOrderID: client == nil ? nil : self.client, side: .buy, terms: terms,
                    requestHash: ContentHash((9, 0, 0, 0)), deadline: now.advanced(by: .seconds(5)) ?? now,
                    ownerEpoch: 1,
                    controlPosition: LogPosition(
                        topic: TopicName(trusted: "torghut.control.v1"), partition: 0, offset: 1),
                    tradingMode: .paper, policyHash: judgement.policyHash)))
    }

    mutating func sent(_ number: Int64, _ adapter: Adapter, _ client: ClientOrderID? = nil) {
        route(
            .attemptSent(
                AttemptSent(key: key(number, client), evidence: evidence(adapter), sentAt: now, sentBytes: 400)))
    }

    mutating func accept(_ number: Int64, _ adapter: Adapter, broker: Int, _ client: ClientOrderID? = nil) {
        route(
            .attemptAccepted(
                AttemptAccepted(
                    key: key(number, client), evidence: evidence(adapter),
                    executionRoute: adapter == .lean ? .lean : .leanToAlpaca,
                    routeMarker: adapter == .lean ? .lean : .alpacaFallback, alpacaOrderID: Self.broker(broker),
                    status: .accepted, side: .buy, terms: terms,
                    reply: AdapterReply(httpStatus: 200, latencyMicroseconds: 900), rawOrder: .emptyObject)))
    }

    mutating func doubt(_ number: Int64) {
        route(
            .attemptUnknown(
                AttemptUnknown(
                    key: key(number), evidence: evidence(.lean), failureTaxonomy: .timeout, unknownSince: now,
                    deadline: now, reply: AdapterReply(latencyMicroseconds: 5_000_000))))
        hold(.attemptUnknown, Self.attempt(UInt64(number)))
    }

    mutating func hold(_ reason: HoldReason, _ attempt: AttemptID? = nil) {
        route(
            .intentHeld(
                IntentHeld(
                    intentID: intent, decisionHash: hash, clientOrderID: client, attemptID: attempt,
                    holdReason: reason, heldSince: now, holdLimitMicroseconds: 30_000_000, holdLimitExceeded: false)))
    }

    mutating func release(_ reason: HoldReason, by word: EventID? = nil) {
        route(
            .intentReleased(
                IntentReleased(
                    intentID: intent, decisionHash: hash, clientOrderID: client, holdReason: reason,
                    heldForMicroseconds: 8_000_000, overrideEventID: word)))
    }

    /// An order that was over when it was found ends its hold with itself.
    mutating func settle(
        _ number: Int64, _ resolution: Resolution, broker: Int? = nil, by word: EventID? = nil, isOver: Bool = false
    ) {
        route(
            .attemptResolved(
                AttemptResolved(
                    key: key(number), evidence: evidence(.lean), resolution: resolution,
                    proof: resolution == .notLive ? .deadlineAndAbsence : nil,
                    foundBy: word == nil ? .lookupByClientOrderID : .operatorOverride,
                    lookups: [
                        Lookup(askedAt: now, method: .lookupByClientOrderID, found: broker != nil, complete: true)
                    ],
                    alpacaOrderID: broker.map { Self.broker($0) },
                    status: broker == nil ? nil : BrokerWord(trusted: isOver ? "filled" : "accepted"),
                    overrideEventID: word,
                    unknownForMicroseconds: 8_000_000)))
        if !isOver { release(.attemptUnknown, by: word) }
    }

    mutating func fallBack() {
        route(
            .fallbackDecided(
                FallbackDecided(
                    key: key(1), fromAdapter: .lean, toAdapter: .alpaca,
                    executionFallbackReason: Code(trusted: "lean_submit_order_timeout"), executionFallbackCount: 1,
                    proof: .deadlineAndAbsence, attemptCount: 1, nextAttemptID: Self.attempt(2),
                    degradation: Degradation(
                        failureTaxonomy: .timeout, windowSeconds: 60, windowRequests: 1, windowFailures: 1),
                    policyHash: judgement.policyHash)))
    }
}
