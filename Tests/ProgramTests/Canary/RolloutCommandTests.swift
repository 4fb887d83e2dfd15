import Core
import Domain
import Foundation
import TestSupport
import Testing
import Threading
import Wire

@Suite struct `Taking a step of the rollout` {
    private static let whole = [
        "--scope", "BTC/USD,ETH/USD", "--stop-condition", "fallback ratio above 0.25", "--rollback-trigger",
        "a breach of the canary", "--actor", "ann", "--reason", "paper went well",
    ]

    @Test(arguments: ["scope", "stop-condition", "rollback-trigger", "actor", "reason"])
    func `needs its scope, its stop condition and what takes it back`(missing: String) async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let place = try #require(Self.whole.firstIndex(of: "--" + missing))
        var arguments = Self.whole
        arguments.removeSubrange(place...(place + 1))
        let refused = try await program.run(["canary", "rollout", "canary"] + arguments)
        #expect(refused.status == 2 && refused.err.contains("--\(missing)"), "\(refused.err)")
        let said = try await program.run("log", "read", "--topic", TopicCatalog.canary.name)
        #expect(said.lines.isEmpty)
    }

    private static func passed(_ trading: Trading, _ verdict: Verdict = .pass) async throws {
        let settings = trading.program.environment
        let inForce = PolicyInForce(Policy(settings: { settings[$0] }), mint: EventMint.mint)
        let now = SystemTime().now()
        let terms = inForce.policy.gates.canary.terms(dryRun: false)
        try await trading.append(
            Trading.event(
                .canary(
                    .canaryJudged(
                        CanaryJudged(
                            window: GateWindow(
                                verdict: verdict, windowStart: now.advanced(by: .seconds(-900)) ?? now, windowEnd: now,
                                sample: 20, minimumSample: 20, policyHash: inForce.policyHash, evaluatedAt: now,
                                vector: PositionVector(positions: [])),
                            breachType: .fallbackRatioExceeded, leanTotal: 20, fallbackTotal: 0,
                            fallbackRatioLimit: .one, fallbackReasons: [], symbols: [], hardRollbackEnabled: true,
                            action: .none, isClosed: false, observed: .zero, terms: terms)))))
    }

    private static func prepared() async throws -> Trading {
        var trading = try Trading()
        trading.program.environment["TRADING_LEAN_LIVE_CANARY_ENABLED"] = "true"
        trading.program.environment["TRADING_LEAN_LIVE_CANARY_CRYPTO_ONLY"] = "false"
        try await trading.program.prepared()
        return trading
    }

    @Test func `is an event, in the order of its phases, and is refused while an incident is open`() async throws {
        let trading = try await Self.prepared()
        let program = trading.program
        let word = try await program.run(["canary", "rollout", "canray"] + Self.whole)
        #expect(word.status == 2 && word.err.contains("did you mean canary?"), "\(word.err)")
        #expect(try await program.run(["canary", "rollout", "started"] + Self.whole).status == 2)
        let early = try await program.run(["canary", "rollout", "canary"] + Self.whole)
        #expect(early.status == 3 && early.err.contains("refused: out_of_order: it has not begun"), "\(early.err)")
        #expect(early.err.contains("not_judged") && early.err.contains("no_pass"), "\(early.err)")
        #expect(try await program.run(["canary", "rollout", "paper"] + Self.whole).status == 0)
        let silent = try await program.run(["canary", "rollout", "canary"] + Self.whole)
        #expect(silent.status == 3 && silent.err.contains("not_judged"), "\(silent.err)")
        try await Self.passed(trading)
        for (number, step) in ["canary", "wider"].enumerated() {
            let taken = try await program.run(["canary", "rollout", step] + Self.whole)
            #expect(
                taken.status == 0 && taken.text.contains("step \(number + 2): \(step)"), "\(taken.text)\(taken.err)")
        }
        let incident = IncidentOpened(
            incidentKey: Label(trusted: "lean_canary:fallback_ratio_exceeded:1"), breachType: .fallbackRatioExceeded,
            severity: .critical, rollbackTriggered: false, symbols: [], verdictEventID: EventID(high: 1, low: 1),
            evidenceJSON: .emptyObject, observed: Amount(1), threshold: .zero)
        try await trading.append(Trading.event(.canary(.incidentOpened(incident))))
        let refused = try await program.run(["canary", "rollout", "wider"] + Self.whole)
        #expect(refused.status == 3 && refused.err.contains("wider is refused: incident_open"), "\(refused.err)")
        #expect(try await program.run(["canary", "rollout", "held"] + Self.whole).status == 0)
        let said = try await program.run("log", "read", "--topic", TopicCatalog.canary.name, "--values")
        let steps = said.lines.filter { $0.contains("canary.rollout_step_taken") }
        #expect(steps.count == 4)
        for field in ["policy_hash", "evidence_json", "previous_phase", "stop_condition", "rollback_trigger"] {
            #expect(steps[2].contains("\"\(field)\""), "\(steps[2])")
        }
        let report = try await program.run("parity", "report", "--json")
        #expect(report.status == 0 && report.lines.count == 2, "\(report.text)\(report.err)")
        #expect(try await program.run("parity", "report", "--mode", "real").status == 2)
        #expect(try await program.run("canary", "status").status == 3)
    }

    /// An emergency stop and a lane that is off: what the canary does to itself, seen from the command.
    @Test func `is refused while everything is stopped`() async throws {
        let trading = try await Self.prepared()
        let order = ControlOrder(scope: .global, actor: ActorName(trusted: "gates"), reason: try Prose("a breach"))
        try await trading.append(
            Trading.event(
                .control(
                    .emergencyStopLatched(
                        EmergencyStopLatched(
                            order: order, stopReasons: [], latchedAt: SystemTime().now(), recoverable: false)))))
        try await trading.append(
            Trading.event(.control(.laneDisabled(LaneDisabled(order: order, lane: .execution)))))
        let refused = try await trading.program.run(["canary", "rollout", "paper"] + Self.whole)
        #expect(refused.status == 3 && refused.err.contains("emergency_stop"), "\(refused.err)")
        #expect(refused.err.contains("lane_off: execution"), "\(refused.err)")
    }

    /// What LEAN cost more than Alpaca, and what its shadows say, stand against a step by themselves.
    @Test func `is refused for what fills cost, and for shadows that drift`() async throws {
        let trading = try await Self.prepared()
        for number in 0..<40 as Range<UInt64> {
            let adapter: Adapter = number % 2 == 0 ? .lean : .alpaca
            for event in try FilledOrder(number, by: adapter, bps: adapter == .lean ? 40 : 1, drifts: true).events {
                try await trading.append(event)
            }
        }
        let refused = try await trading.program.run(["canary", "rollout", "paper"] + Self.whole)
        #expect(refused.status == 3, "\(refused.text)")
        for obstacle in ["shortfall_bps: 39 bps", "slippage_p95: 39 bps", "parity_mismatch: shadows drift: 1 of them"] {
            #expect(refused.err.contains(obstacle), "\(refused.err)")
        }
        #expect(try await trading.program.run("parity", "report").status == 3)
        #expect(try await trading.program.run("parity", "report", "--mode", "live").status == 0)
    }
}

/// An order from its decision to its fill, so much worse than the price at which it was decided.
private struct FilledOrder {
    let events: [Event]

    init(_ number: UInt64, by adapter: Adapter, bps: Int64, drifts: Bool) throws {
        let hash = DecisionHash((number, 1, 2, 3))
        let key = AttemptKey(
            intentID: IntentID(high: 1, low: number), decisionHash: hash,
            clientOrderID: ClientOrderID(trusted: hash.description), attemptID: AttemptID(high: 2, low: number),
            attempt: 1)
        let zero = ContentHash((0, 0, 0, 0))
        let terms = OrderTerms(qty: Amount(10), orderType: .market, timeInForce: .day)
        let evidence = RouteEvidence(
            executionExpectedAdapter: adapter, executionAdapter: adapter, executionFallbackCount: 0,
            executionCorrelationID: CorrelationID(trusted: "c"), executionIdempotencyKey: key.clientOrderID)
        let now = SystemTime().now()
        var update = BrokerUpdateRecorded(
            eventFingerprint: zero, sourceTopic: TopicName(trusted: "torghut.trade-updates.v1"), sourcePartition: 0,
            sourceOffset: 0, updateShape: .rawFrame, accountLabelOrigin: .laneDefault, classification: .applied,
            rawEvent: .emptyObject)
        update.decisionHash = hash
        update.filledQty = Amount(10)
        update.avgFillPrice = Amount(units: Amount(100).units * Int128(10_000 + bps) / 10_000)
        let contents: [DomainEvent] = [
            .intents(
                .intentEmitted(
                    IntentEmitted(
                        intentID: key.intentID, decisionHash: hash, clientOrderID: key.clientOrderID,
                        strategyID: StrategyID(trusted: "s"), timeframe: .oneMinute, side: .buy, terms: terms,
                        arrivalPrice: Amount(100), executionExpectedAdapter: adapter, executionAdapterPolicy: .all,
                        routeReason: .policyAll,
                        judgement: Judgement(
                            policyHash: zero, configHash: zero, tradingMode: .paper, capitalStage: .paper,
                            judgedAt: [])))),
            .route(
                .attemptPrepared(
                    AttemptPrepared(
                        key: key, evidence: evidence, operation: .submit, side: .buy, terms: terms, requestHash: zero,
                        deadline: now, ownerEpoch: 1, tradingMode: .paper, policyHash: zero))),
            .route(
                .attemptAccepted(
                    AttemptAccepted(
                        key: key, evidence: evidence, executionRoute: adapter == .lean ? .lean : .alpaca,
                        routeMarker: adapter == .lean ? .lean : .alpaca,
                        alpacaOrderID: BrokerOrderID(trusted: "o-\(number)"), status: .accepted, side: .buy,
                        terms: terms, reply: AdapterReply(), rawOrder: .emptyObject))),
            .orderEvents(.brokerUpdateRecorded(update)),
            .shadow(
                .shadowParityJudged(
                    ShadowParityJudged(
                        intentID: key.intentID, decisionHash: hash, simulatedEventID: EventID(high: 1, low: number),
                        side: .buy, filledQty: Amount(10), parityLimitBps: Amount(3),
                        parityStatus: drifts ? .drift : .pass, revision: 1))),
        ]
        events = contents.map { Trading.event($0, "AAPL") }
    }
}
