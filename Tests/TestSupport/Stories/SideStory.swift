import Core
import Domain
import Wire

/// What happens beside orders: lanes, gates, operators, parked records.
struct SideStory {
    private var life: OrderLife
    private let number: Int
    private(set) var events: [Event] = []

    init(of life: OrderLife, number: Int) {
        self.life = life
        self.number = number
    }

    mutating func tell() {
        if life.chance(10) { shadow() }
        if life.chance(4) { strategyShadow() }
        if life.chance(2) { backtest() }
        if life.chance(2) { canary() }
        if life.chance(3) { control() }
        if life.chance(1) { park() }
    }

    private mutating func append(_ content: DomainEvent, from source: StaticString) {
        life.now = Timestamp(nanoseconds: life.now.nanoseconds + 1_000_003)
        var event = life.event(content, from: source)
        if !content.type.family.needsAccount { event.envelope.account = nil }
        if !content.type.family.needsSymbol { event.envelope.symbol = nil }
        events.append(event)
    }

    private mutating func shadow() {
        guard !life.chance(20) else {
            return append(
                .shadow(
                    .shadowFailed(
                        ShadowFailed(
                            intentID: life.intent, decisionHash: life.hash, failureTaxonomy: .timeout, attempt: 1,
                            latencyMicroseconds: 250_000))), from: "lanes")
        }
        append(
            .shadow(
                .shadowSimulated(
                    ShadowSimulated(
                        intentID: life.intent, decisionHash: life.hash,
                        executionCorrelationID: CorrelationID(trusted: "shadow-\(number)"), side: life.side,
                        terms: life.terms, intentPrice: OrderLife.price(life.cents),
                        simulatedFillPrice: OrderLife.price(life.cents + 1),
                        simulatedSlippageBps: Amount(units: Int128(life.random.next() % 30_000_000_000)),
                        parityStatus: life.chance(80) ? .pass : .drift, authorityMode: .paperRuntimeObserved,
                        simulatorVersion: Label(trusted: "sim-1"),
                        simulationJSON: CompactJSON(trusted: Array(#"{"mode":"replay"}"#.utf8))))), from: "lanes")
        guard life.chance(70), let simulated = events.last?.envelope.eventID else { return }
        let isFilled = life.chance(80)
        append(
            .shadow(
                .shadowParityJudged(
                    ShadowParityJudged(
                        intentID: life.intent, decisionHash: life.hash, simulatedEventID: simulated,
                        strategyID: life.strategy, side: life.side, executionAdapter: life.chance(50) ? .lean : nil,
                        qty: life.terms.qty, filledQty: isFilled ? life.terms.qty ?? .one : .zero,
                        simulatedFillPrice: OrderLife.price(life.cents + 1),
                        actualFillPrice: isFilled ? OrderLife.price(life.cents + 2) : nil,
                        parityDeltaBps: isFilled ? Amount(units: Int128(life.random.next() % 9_000_000_000)) : nil,
                        parityLimitBps: 3, parityStatus: isFilled ? .pass : .inconclusive,
                        failureTaxonomy: isFilled ? nil : .noFill, revision: 1))), from: "lanes")
    }

    private mutating func strategyShadow() {
        let run = Label(trusted: "run-\(number)")
        guard !life.chance(20) else {
            return append(
                .strategyShadow(
                    .strategyShadowFailed(
                        StrategyShadowFailed(
                            runID: run, strategyID: life.strategy, failureTaxonomy: .httpError, httpStatus: 503,
                            disableSwitchActive: false))), from: "lanes")
        }
        append(
            .strategyShadow(
                .strategyShadowEvaluated(
                    StrategyShadowEvaluated(
                        runID: run, strategyID: life.strategy, decisionHash: life.hash,
                        intentJSON: CompactJSON(trusted: Array(#"{"qty":"1"}"#.utf8)), shadowJSON: .emptyObject,
                        parityStatus: .pass,
                        governanceJSON: Governance(
                            parityScore: Amount(units: 109_000_000), promotionReady: life.chance(50),
                            parityMinimumMet: .yes, governanceMinimumMet: .unknown, evaluations: Int64(number),
                            governanceScore: Amount(units: 750_000_000), fills: 0), disableSwitchActive: false,
                        authorityMode: .deterministicScaffold, latencyMicroseconds: 8_100, checksMet: .yes))),
            from: "lanes")
    }

    private mutating func backtest() {
        let config = CompactJSON(trusted: Array(#"{"symbol":"\#(life.symbol)","order":\#(number)}"#.utf8))
        var run = BacktestRun(
            backtestID: BacktestID(trusted: String("\(EventMint.content(config.bytes))".prefix(20))),
            lane: Label(trusted: "research"), requestedBy: ActorName(trusted: "quant"), status: .queued,
            reproducibilityHash: EventMint.content(config.bytes), configJSON: config, submittedAt: life.now)
        append(.backtests(.backtestSubmitted(BacktestSubmitted(run: run))), from: "lanes")
        run.status = .running
        run.startedAt = life.now
        append(.backtests(.backtestStarted(BacktestStarted(run: run))), from: "lanes")
        run.completedAt = life.now
        if life.chance(30) {
            run.status = .failed
            run.failureTaxonomy = .timeout
            return append(.backtests(.backtestFailed(BacktestFailed(run: run))), from: "lanes")
        }
        run.status = .completed
        run.resultJSON = CompactJSON(trusted: Array(#"{"net_pnl":"28.2441","trades":62}"#.utf8))
        run.deterministicReplayPassed = true
        append(.backtests(.backtestCompleted(BacktestCompleted(run: run))), from: "lanes")
    }

    private mutating func canary() {
        let key = Label(trusted: "fallback_ratio_exceeded:\(number)")
        append(
            .canary(
                .incidentOpened(
                    IncidentOpened(
                        incidentKey: key, breachType: .fallbackRatioExceeded, severity: .critical,
                        rollbackTriggered: life.chance(50), symbols: [life.symbol], verdictEventID: life.eventID(),
                        evidenceJSON: CompactJSON(trusted: Array(#"{"sample":24,"fallbacks":8}"#.utf8)),
                        observed: Amount(units: 333_333_333), threshold: Amount(units: 250_000_000)))), from: "gates")
        guard life.chance(60) else { return }
        append(
            .canary(
                .incidentResolved(
                    IncidentResolved(
                        incidentKey: key, breachType: .fallbackRatioExceeded, resolution: .recovered,
                        actor: ActorName(trusted: "gates"), reason: OrderLife.prose("within limits"),
                        resolvedAt: life.now))), from: "gates")
    }

    private mutating func park() {
        let record = ParkedKey(
            projection: Label(trusted: "order_feed"), projectionVersion: 1,
            sourceTopic: TopicName(trusted: "torghut.trade-updates.v1"), sourcePartition: Int64(number % 3),
            sourceOffset: Int64(number), recordKey: octets(Array(life.symbol.text.utf8)))
        append(
            .quarantine(
                .recordParked(
                    RecordParked(
                        record: record, parkReason: .malformed, detail: OrderLife.prose("not JSON at byte 3"),
                        recordValue: octets([0x7B, 0xFF, 0x00]), recordBytes: 3, recordTruncated: false,
                        recordSHA256: EventMint.content([0x7B, 0xFF, 0x00])))), from: "order-feed")
        guard life.chance(60) else { return }
        let order = ControlOrder(
            scope: .record(
                Cause(
                    topic: record.sourceTopic.text, partition: Int32(record.sourcePartition),
                    offset: record.sourceOffset)),
            actor: ActorName(trusted: "ops"), reason: OrderLife.prose("seen"))
        append(.control(.quarantineSkipped(QuarantineSkipped(order: order, record: record))), from: "cli")
    }

    private func octets(_ bytes: [UInt8]) -> Octets {
        do { return try Octets(bytes) } catch { preconditionFailure("\(error)") }
    }
}

extension SideStory {
    private func order(_ scope: Scope) -> ControlOrder {
        ControlOrder(scope: scope, actor: ActorName(trusted: "ops-\(number % 3)"), reason: OrderLife.prose("because"))
    }

    private mutating func control() {
        let (now, symbol, strategy) = (life.now, life.symbol, life.strategy)
        let config = EventMint.content(Array("config-\(number)".utf8))
        let said: [Control] =
            switch life.random.next() % 7 {
            case 0:
                [
                    .killSwitchEngaged(
                        KillSwitchEngaged(
                            order: order(.global), killSource: .command, triggeredAt: now, reached: [], notReached: [])),
                    .killSwitchReleased(KillSwitchReleased(order: order(.global))),
                ]
            case 1:
                [
                    .laneDisabled(LaneDisabled(order: order(.lane(.execution)), lane: .execution)),
                    .laneEnabled(LaneEnabled(order: order(.lane(.execution)), lane: .execution)),
                ]
            case 2:
                [
                    .emergencyStopLatched(
                        EmergencyStopLatched(
                            order: order(.global), stopReasons: [Code(trusted: "lean_canary_breach")], latchedAt: now,
                            recoverable: true)), .emergencyStopCleared(EmergencyStopCleared(order: order(.global))),
                ]
            case 3:
                [
                    .flagChanged(
                        FlagChanged(
                            order: order(.global), name: Label(trusted: "TRADING_ENABLED"),
                            value: life.chance(30) ? nil : OrderLife.prose("true"), flagSource: .command,
                            configHash: config))
                ]
            case 4:
                [
                    .strategyEnabled(
                        StrategyEnabled(
                            order: order(.strategy(strategy)), strategyID: strategy, definitionHash: config,
                            definitionJSON: CompactJSON(trusted: Array(#"{"universe":["AAPL"]}"#.utf8))))
                ]
            case 5: [.strategyDisabled(StrategyDisabled(order: order(.strategy(strategy)), strategyID: strategy))]
            default: [.symbolReviewClosed(SymbolReviewClosed(order: order(.symbol(symbol)), symbol: symbol))]
            }
        for event in said { append(.control(event), from: "cli") }
    }
}
