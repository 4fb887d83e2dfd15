import Core
import Domain
import TestSupport

/// A canary with a hand-moved clock, intents that end as they are told, and a log that its gate writes to as well.
struct CanaryWorld {
    enum End: CaseIterable { case kept, business, fellBack, withheld, withdrawn, unknown, none }

    private(set) var inForce: PolicyInForce
    private let settings: [String: String]
    var fold = CanaryFold()
    var incidents = CanaryIncidents()
    var control = ControlState()
    var now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
    var log: [(event: Event, position: LogPosition)] = []
    private var ends: [String: Int64] = [:]
    private var number: UInt64 = 0

    init(_ settings: [String: String] = [:]) {
        let settings = settings.merging([
            "TRADING_LEAN_LIVE_CANARY_ENABLED": "true", "TRADING_LEAN_LIVE_CANARY_CRYPTO_ONLY": "false",
        ]) { given, _ in given }
        self.settings = settings
        inForce = PolicyInForce(Policy(settings: { settings[$0] }), mint: TestMint.mint)
        say(.laneEnabled(LaneEnabled(order: TradingDay.order(.lane(.execution)), lane: .execution)))
        pass(.seconds(1))
    }

    var policy: CanaryPolicy { inForce.policy.gates.canary }
    var decider: CanaryDecider { CanaryDecider(inForce, mint: TestMint.mint) }
    var situation: CanaryDecider.Situation { CanaryDecider.Situation(fold, incidents, control) }

    mutating func replacePolicy(_ name: String, _ value: String) {
        let settings = settings.merging([name: value]) { $1 }
        inForce = PolicyInForce(Policy(settings: { settings[$0] }), mint: TestMint.mint)
    }

    mutating func pass(_ duration: Duration) { now = now.advanced(by: duration) ?? .latest }

    mutating func write(
        _ content: DomainEvent, _ symbol: String = "AAPL", account: String = "paper", partition: Int64 = 0,
        at moment: Timestamp? = nil
    ) {
        number += 1
        let moment = moment ?? now
        let envelope = Envelope(
            eventID: EventID(high: 6, low: number), eventTime: moment, ingestTime: moment,
            account: AccountLabel(trusted: account), symbol: Symbol(trusted: symbol),
            source: SourceName(trusted: "test"), correlation: StoryID(high: 1, low: number))
        write(Event(envelope, content), partition: partition)
    }

    mutating func write(_ event: Event, partition: Int64 = 0) {
        let topic = event.content.type.family.topic.name
        let key = "\(topic)/\(partition)"
        let position = LogPosition(
            topic: TopicName(trusted: topic), partition: partition, offset: ends[key, default: 0])
        ends[key, default: 0] += 1
        log.append((event, position))
        switch event.content {
        case .canary(let said): incidents.fold(said, event.envelope, at: position.offset)
        case .control(let said):
            control.fold(said, event.envelope, at: position.offset)
            fold.fold(event, at: position, keeping: policy.remembered)
        default: fold.fold(event, at: position, keeping: policy.remembered)
        }
    }

    mutating func say(_ word: Control) { write(.control(word)) }

    /// One look of the gate; what it says lies on the log afterwards.
    @discardableResult
    mutating func judge(after wait: Duration = .zero) -> [Event] {
        pass(wait)
        let events = decider.decide(situation, at: now)
        for event in events { write(event) }
        return events
    }
}

extension CanaryWorld {
    func decidedOnce() -> [Event] { decider.decide(situation, at: now) }

    static func key(_ number: UInt64) -> AttemptKey {
        let hash = DecisionHash((number, 1, 2, 3))
        return AttemptKey(
            intentID: IntentID(high: 1, low: number), decisionHash: hash,
            clientOrderID: ClientOrderID(trusted: hash.description), attemptID: AttemptID(high: number, low: number),
            attempt: 1)
    }

    static func evidence(_ adapter: Adapter = .lean) -> RouteEvidence {
        RouteEvidence(
            executionExpectedAdapter: .lean, executionAdapter: adapter, executionFallbackCount: 0,
            executionCorrelationID: CorrelationID(trusted: "c"), executionIdempotencyKey: ClientOrderID(trusted: "k"))
    }

    static let nothing = ContentHash((0, 0, 0, 0))
    static let terms = OrderTerms(qty: Amount(10), orderType: .market, timeInForce: .day)

    /// An intent through LEAN, prepared now and ended a moment later.
    @discardableResult
    mutating func intent(
        _ end: End, _ symbol: String = "AAPL", account: String = "paper", mode: TradingMode = .paper,
        partition: Int64 = 0, adapter: Adapter = .lean
    ) -> AttemptKey {
        let key = Self.key(UInt64(log.count) + 1_000)
        pass(.milliseconds(1))
        write(
            .route(
                .attemptPrepared(
                    AttemptPrepared(
                        key: key, evidence: Self.evidence(adapter), operation: .submit, side: .buy, terms: Self.terms,
                        requestHash: Self.nothing, deadline: now, ownerEpoch: 1, tradingMode: mode,
                        policyHash: Self.nothing))), symbol, account: account, partition: partition)
        pass(.milliseconds(1))
        self.end(key, end, symbol, account: account, partition: partition, adapter: adapter)
        return key
    }

    /// A record that the gates read for another reason than the canary.
    mutating func noise(partition: Int64, ahead: Duration) {
        let key = Self.key(UInt64(log.count) + 1_000)
        let order = OrderKey(
            intentID: key.intentID, decisionHash: key.decisionHash, clientOrderID: key.clientOrderID,
            alpacaOrderID: BrokerOrderID(trusted: "o"))
        write(
            .route(
                .cancelRequested(
                    CancelRequested(
                        order: order, cancelID: EventID(high: 3, low: key.intentID.low), cancelReason: .byOperator,
                        executionAdapter: .lean, executionCorrelationID: CorrelationID(trusted: "c")))),
            partition: partition, at: now.advanced(by: ahead))
    }

    mutating func end(
        _ key: AttemptKey, _ end: End, _ symbol: String = "AAPL", account: String = "paper", partition: Int64 = 0,
        adapter: Adapter = .lean, at moment: Timestamp? = nil
    ) {
        for route in Self.routes(key, end, adapter, at: now) {
            write(.route(route), symbol, account: account, partition: partition, at: moment)
        }
    }

    static func routes(_ key: AttemptKey, _ end: End, _ adapter: Adapter, at now: Timestamp) -> [Route] {
        let evidence = evidence(adapter)
        func rejected(_ kind: RejectionClass) -> Route {
            .attemptRejected(
                AttemptRejected(
                    key: key, evidence: evidence, rejectionClass: kind, proof: .refusedByContract,
                    failureTaxonomy: .http5xx, fallbackAllowed: kind == .notSent, reply: AdapterReply()))
        }
        switch end {
        case .kept:
            return [
                .attemptAccepted(
                    AttemptAccepted(
                        key: key, evidence: evidence, executionRoute: .lean, routeMarker: .lean,
                        alpacaOrderID: BrokerOrderID(trusted: "o-\(key.intentID.low)"), status: .accepted, side: .buy,
                        terms: terms, reply: AdapterReply(), rawOrder: .emptyObject))
            ]
        case .business: return [rejected(.brokerRejected)]
        case .withheld: return [rejected(.local)]
        case .fellBack:
            return [
                rejected(.notSent),
                .fallbackDecided(
                    FallbackDecided(
                        key: key, fromAdapter: .lean, toAdapter: .alpaca,
                        executionFallbackReason: Code(trusted: "lean_submit_order_http_503"),
                        executionFallbackCount: 1, proof: .refusedByContract, attemptCount: 1,
                        nextAttemptID: AttemptID(high: 9, low: key.intentID.low),
                        degradation: Degradation(
                            failureTaxonomy: .http5xx, windowSeconds: 1, windowRequests: 1, windowFailures: 1),
                        policyHash: nothing)),
            ]
        case .withdrawn:
            return [
                .intentWithdrawn(
                    IntentWithdrawn(
                        intentID: key.intentID, decisionHash: key.decisionHash, clientOrderID: key.clientOrderID,
                        withdrawalReason: .expired, attemptCount: 1))
            ]
        case .unknown:
            return [
                .attemptUnknown(
                    AttemptUnknown(
                        key: key, evidence: evidence, failureTaxonomy: .timeout, unknownSince: now, deadline: now,
                        reply: AdapterReply()))
            ]
        case .none: return []
        }
    }
}

extension [Event] {
    var verdicts: [CanaryJudged] {
        compactMap { if case .canary(.canaryJudged(let verdict)) = $0.content { verdict } else { nil } }
    }
    var evaluations: [CanaryEvaluated] {
        compactMap { if case .control(.canaryEvaluated(let evaluation)) = $0.content { evaluation } else { nil } }
    }
    var opened: [IncidentOpened] {
        compactMap { if case .canary(.incidentOpened(let incident)) = $0.content { incident } else { nil } }
    }
    var resolved: [IncidentResolved] {
        compactMap { if case .canary(.incidentResolved(let incident)) = $0.content { incident } else { nil } }
    }
    var stops: [EmergencyStopLatched] {
        compactMap { if case .control(.emergencyStopLatched(let stop)) = $0.content { stop } else { nil } }
    }
    var lanesOff: [Lane] {
        compactMap { if case .control(.laneDisabled(let lane)) = $0.content { lane.lane } else { nil } }
    }
    /// What was said of the latest stretch about fallbacks.
    var ratio: CanaryJudged? { verdicts.last { $0.breachType == .fallbackRatioExceeded && $0.isClosed == false } }
}
