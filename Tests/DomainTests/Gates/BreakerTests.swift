import Core
import Domain
import TestSupport
import Testing

/// A breaker with a hand-moved clock and attempts that end as they are told.
private struct Bridge {
    var policy = GatePolicy()
    var fold = BreakerFold()
    var now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
    var number: UInt64 = 0
    var records: [(Event, LogPosition)] = []

    init(minimumSample: Int64 = 4) { policy.minimumSample = minimumSample }

    mutating func write(_ content: DomainEvent) {
        number += 1
        let envelope = Envelope(
            eventID: EventID(high: 6, low: number), eventTime: now, ingestTime: now, account: TradingDay.paper,
            symbol: Symbol(trusted: "AAPL"), source: SourceName(trusted: "test"),
            correlation: StoryID(high: 1, low: number))
        let position = LogPosition(
            topic: TopicName(trusted: content.type.family.topic.name), partition: Int64(number % 3),
            offset: Int64(number))
        let event = Event(envelope, content)
        records.append((event, position))
        fold.fold(event, at: position, under: policy)
    }

    static func key(_ number: UInt64) -> AttemptKey {
        let hash = DecisionHash((number, 1, 2, 3))
        return AttemptKey(
            intentID: IntentID(high: 1, low: number), decisionHash: hash,
            clientOrderID: ClientOrderID(trusted: hash.description),
            attemptID: AttemptID(high: number &* 0x9E37_79B9_7F4A_7C15, low: number), attempt: 1)
    }

    static let evidence = RouteEvidence(
        executionExpectedAdapter: .lean, executionAdapter: .lean, executionFallbackCount: 0,
        executionCorrelationID: CorrelationID(trusted: "c"), executionIdempotencyKey: ClientOrderID(trusted: "k"))
    static let terms = OrderTerms(qty: Amount(10), orderType: .market, timeInForce: .day)

    enum End { case accepted, business, notSent, local, unknown, none }

    @discardableResult
    mutating func attempt(_ end: End) -> AttemptKey {
        let key = Self.key(number + 1000)
        now = now.advanced(by: .milliseconds(1)) ?? .latest
        write(
            .route(
                .attemptPrepared(
                    AttemptPrepared(
                        key: key, evidence: Self.evidence, operation: .submit, side: .buy, terms: Self.terms,
                        requestHash: ContentHash((0, 0, 0, 0)), deadline: now, ownerEpoch: 1, tradingMode: .paper,
                        policyHash: ContentHash((0, 0, 0, 0))))))
        now = now.advanced(by: .milliseconds(10)) ?? .latest
        switch end {
        case .accepted:
            write(
                .route(
                    .attemptAccepted(
                        AttemptAccepted(
                            key: key, evidence: Self.evidence, executionRoute: .lean, routeMarker: .lean,
                            alpacaOrderID: BrokerOrderID(trusted: "o"), status: .new, side: .buy, terms: Self.terms,
                            reply: AdapterReply(), rawOrder: .emptyObject))))
        case .business, .notSent, .local:
            write(
                .route(
                    .attemptRejected(
                        AttemptRejected(
                            key: key, evidence: Self.evidence,
                            rejectionClass: end == .business ? .brokerRejected : end == .local ? .local : .notSent,
                            proof: .refusedByContract, failureTaxonomy: .http5xx, fallbackAllowed: false,
                            reply: AdapterReply()))))
        case .unknown:
            write(
                .route(
                    .attemptUnknown(
                        AttemptUnknown(
                            key: key, evidence: Self.evidence, failureTaxonomy: .timeout, unknownSince: now,
                            deadline: now, reply: AdapterReply()))))
        case .none: break
        }
        return key
    }

    mutating func health(_ state: HealthState) {
        let order = TradingDay.order(.adapter(.lean))
        write(
            .control(
                .runnerHealthObserved(
                    RunnerHealthObserved(
                        order: order, address: Address(trusted: "http://runner"), health: state, observedAt: now))))
    }

    /// Judges, and writes the verdict down as the gate does.
    mutating func judge(after wait: Duration = .zero) -> BreakerJudged? {
        now = now.advanced(by: wait) ?? .latest
        let verdict = BreakerGate.judge(
            fold, under: policy, policyHash: ContentHash((1, 1, 1, 1)), by: ActorName(trusted: "gates"), at: now)
        if let verdict { write(.control(.breakerJudged(verdict))) }
        return verdict
    }
}

@Suite struct `The LEAN breaker` {
    @Test(
        arguments: [
            (3, 0, nil), (2, 2, .errorRateExceeded), (3, 1, nil), (0, 3, nil), (0, 4, .errorRateExceeded), (0, 0, nil),
        ] as [(Int, Int, BreakerCause?)])
    func `opens when enough fails, and says nothing of too small a sample`(
        good: Int, bad: Int, breach: BreakerCause?
    ) throws {
        var bridge = Bridge()
        for _ in 0..<good { bridge.attempt(.accepted) }
        for _ in 0..<bad { bridge.attempt(.unknown) }
        let verdict = bridge.judge()
        #expect(verdict?.breachType == breach)
        guard let verdict else { return }
        #expect(verdict.breakerState == .open && verdict.window.verdict == .breach)
        #expect(verdict.window.sample == Int64(good + bad) && verdict.failureTotal == Int64(bad))
        #expect(verdict.retryAt == bridge.now.advanced(by: .seconds(30)))
        #expect(verdict.window.vector.positions.count == 3)
    }

    @Test func `takes a business rejection for work well done`() {
        var bridge = Bridge()
        for _ in 0..<10 { bridge.attempt(.business) }
        #expect(bridge.judge() == nil)
    }

    @Test func `counts nothing that never left for LEAN, neither for nor against it`() {
        var bridge = Bridge()
        for _ in 0..<10 { bridge.attempt(.local) }
        #expect(bridge.judge() == nil)
        // Neither when nobody answers for as long as a probe may take.
        #expect(bridge.judge(after: bridge.policy.probeLimit + .seconds(1)) == nil)
        #expect(BreakerGate.count(bridge.fold, bridge.policy, at: bridge.now).sample == 0)
    }

    @Test func `forgets what lies outside its window`() {
        var bridge = Bridge()
        for _ in 0..<10 { bridge.attempt(.notSent) }
        #expect(bridge.judge(after: .seconds(301)) == nil)
    }

    private func opened() -> Bridge {
        var bridge = Bridge()
        for _ in 0..<4 { bridge.attempt(.unknown) }
        #expect(bridge.judge()?.breakerState == .open)
        return bridge
    }

    @Test func `lets probes through after its wait, and closes when all of them did well`() {
        var bridge = opened()
        #expect(bridge.judge(after: .seconds(29)) == nil)
        let half = bridge.judge(after: .seconds(1))
        #expect(half?.breakerState == .halfOpen && half?.probesAllowed == 3)
        bridge.attempt(.accepted)
        bridge.attempt(.accepted)
        #expect(bridge.judge() == nil)
        bridge.attempt(.business)
        #expect(bridge.judge()?.breakerState == .closed)
        // Failures from before are not judged twice.
        #expect(bridge.judge() == nil)
    }

    @Test func `waits longer each time it opens again`() throws {
        var bridge = opened()
        var waits: [Int64] = []
        for _ in 0..<7 {
            let retryAt = try #require(bridge.fold.retryAt)
            waits.append(retryAt.since(bridge.now).components.seconds)
            #expect(bridge.judge(after: retryAt.since(bridge.now))?.breakerState == .halfOpen)
            bridge.attempt(.notSent)
            #expect(bridge.judge()?.breakerState == .open)
        }
        #expect(waits == [30, 60, 120, 240, 480, 900, 900])
    }

    @Test func `takes a probe that never comes back for a failure`() {
        var bridge = opened()
        #expect(bridge.judge(after: .seconds(30))?.breakerState == .halfOpen)
        bridge.attempt(.none)
        #expect(bridge.judge(after: .seconds(29)) == nil)
        #expect(bridge.judge(after: .seconds(2))?.breakerState == .open)
    }

    /// P7, P12: however many routers there are, no more probes are on their way than one round allows.
    @Test func `gives the probes of a round to one partition, where orders came by last`() throws {
        var bridge = opened()
        let judged = bridge.judge(after: .seconds(30))
        let half = try #require(judged)
        let last = bridge.records.last { if case .route(.attemptPrepared) = $0.0.content { true } else { false } }
        #expect(half.probePartition == last?.1.partition && half.probesAllowed == 3)
        // One probe does well; its partition falls silent, and orders come by another one.
        bridge.attempt(.accepted)
        #expect(bridge.judge(after: .seconds(61))?.probesAllowed == 2)
        #expect(bridge.judge(after: .seconds(600)) == nil)
        bridge.attempt(.none)
        let wanted = bridge.records.last?.1.partition
        let later = bridge.judge()
        let next = try #require(later)
        #expect(next.breakerState == .halfOpen && next.previousState == .halfOpen)
        #expect(next.probePartition == wanted && next.probesAllowed == 2)
    }

    @Test func `begins no round of probes before those of the last one have ended`() {
        var bridge = opened()
        #expect(bridge.judge(after: .seconds(30))?.breakerState == .halfOpen)
        bridge.attempt(.accepted)
        bridge.attempt(.accepted)
        // Sent at the last moment of the round, and ended at the last moment of its own limit.
        #expect(bridge.judge(after: .seconds(59)) == nil)
        #expect(bridge.judge(after: .seconds(1))?.probesAllowed == 1)
    }

    @Test func `sends no probe before anybody wanted LEAN, and then at once`() throws {
        var bridge = Bridge()
        bridge.health(.unhealthy)
        #expect(bridge.judge()?.breakerState == .open)
        #expect(bridge.judge(after: .seconds(30)) == nil)
        bridge.health(.healthy)
        let judged = bridge.judge()
        let half = try #require(judged)
        #expect(half.breakerState == .halfOpen && half.probePartition == nil)
        #expect(bridge.judge() == nil)
        bridge.attempt(.accepted)
        #expect(bridge.judge()?.probePartition != nil)
    }

    @Test func `folds a hundred thousand attempts and keeps only what its limits allow`() throws {
        var bridge = Bridge()
        for _ in 0..<70_000 { bridge.attempt(.accepted) }
        #expect(bridge.fold.attemptCount == BreakerFold.maximumAttempts)
        #expect(try BreakerFold(snapshot: bridge.fold.snapshot) == bridge.fold)
    }

    @Test func `does not count what was prepared before the probes`() {
        var bridge = opened()
        let late = bridge.attempt(.none)
        #expect(bridge.judge(after: .seconds(30))?.breakerState == .halfOpen)
        bridge.write(
            .route(
                .attemptUnknown(
                    AttemptUnknown(
                        key: late, evidence: Bridge.evidence, failureTaxonomy: .timeout, unknownSince: bridge.now,
                        deadline: bridge.now, reply: AdapterReply()))))
        #expect(bridge.judge() == nil)
    }

    @Test func `opens for a runner that is sick or silent, and stays open as long`() {
        var bridge = Bridge()
        #expect(bridge.judge() == nil)
        bridge.health(.healthy)
        #expect(bridge.judge(after: .seconds(15)) == nil)
        #expect(bridge.judge(after: .seconds(1))?.breachType == .runnerHealthStale)
        #expect(bridge.judge(after: .seconds(100)) == nil)
        bridge.health(.unhealthy)
        #expect(bridge.judge() == nil)
        bridge.health(.healthy)
        #expect(bridge.judge()?.breakerState == .halfOpen)
    }

    @Test(arguments: [("10", false), ("10.005", false), ("11", true), ("5", true)])
    func `opens when the broker has another size than was asked for`(qty: String, opens: Bool) {
        var bridge = Bridge()
        let key = bridge.attempt(.accepted)
        bridge.write(
            .orderEvents(
                .brokerUpdateRecorded(
                    BrokerUpdateRecorded(
                        eventFingerprint: ContentHash((0, 0, 0, 0)), sourceTopic: TopicName(trusted: "t"),
                        sourcePartition: 0, sourceOffset: 0, updateShape: .rawFrame, accountLabelOrigin: .laneDefault,
                        qty: Wish.amount(qty), classification: .applied, decisionHash: key.decisionHash,
                        rawEvent: .emptyObject))))
        #expect(bridge.judge()?.breachType == (opens ? .notionalMismatch : nil))
    }

    /// P7: the same log gives the same verdicts, from any restart and in any order of its partitions.
    @Test func `is judged alike from the log, from a snapshot, and in whatever order partitions are read`() throws {
        for seed in 1...30 as ClosedRange<UInt64> {
            var random = SplitMix64(seed: seed)
            var bridge = Bridge()
            for _ in 0..<40 {
                let ends: [Bridge.End] = [.accepted, .business, .notSent, .unknown, .none]
                bridge.attempt(ends[Int(random.next() % 5)])
            }
            var shuffled = BreakerFold()
            for (event, position) in bridge.records.sorted(by: {
                ($0.0.envelope.ingestTime, $0.1.partition) < ($1.0.envelope.ingestTime, $1.1.partition)
            }) {
                shuffled.fold(event, at: position, under: bridge.policy)
            }
            let verdict = { (fold: BreakerFold) in
                BreakerGate.judge(
                    fold, under: bridge.policy, policyHash: ContentHash((1, 1, 1, 1)),
                    by: ActorName(trusted: "gates"), at: bridge.now)
            }
            #expect(verdict(bridge.fold) == verdict(shuffled), "seed \(seed)")
            #expect(try BreakerFold(snapshot: bridge.fold.snapshot) == bridge.fold, "seed \(seed)")
        }
    }
}
