import Core

@testable import Domain

/// What the broker, the lanes and the gates add to an order's story.
extension StoryMaker {
    /// A message of the stream, and what the feed says of it.
    mutating func update(
        _ event: String, _ status: String, broker: Int, filled: Int64 = 0, of fill: Int64? = nil,
        _ client: ClientOrderID? = nil
    ) {
        let id = client ?? self.client
        let place = message(
            BrokerMessage(
                takenIn: moment, event: BrokerWord(trusted: event), status: BrokerWord(trusted: status),
                clientOrderID: id, alpacaOrderID: Self.broker(broker)))
        tell(
            .orderEvents(
                .brokerUpdateRecorded(
                    BrokerUpdateRecorded(
                        eventFingerprint: ContentHash((UInt64(place.offset), 1, 1, 1)),
                        sourceTopic: TopicName(trusted: place.source.topic),
                        sourcePartition: Int64(place.source.partition), sourceOffset: place.offset,
                        updateShape: .rawFrame, accountLabelOrigin: .envelopeAccountLabel,
                        eventType: BrokerWord(trusted: event), status: BrokerWord(trusted: status),
                        alpacaOrderID: Self.broker(broker), clientOrderID: id,
                        executionID: fill.map { ExecutionID(trusted: "x-\($0)-\(filled)") }, filledQty: Amount(filled),
                        fillQty: fill.map { Amount($0) }, fillPrice: fill.map { _ in Amount(190) },
                        classification: .applied, decisionHash: hash, intentID: intent, rawEvent: .emptyObject))),
            cause: Cause(topic: place.source.topic, partition: place.source.partition, offset: place.offset))
    }

    mutating func fillWhole(broker: Int, from start: Int64 = 0, _ client: ClientOrderID? = nil) {
        update("new", "new", broker: broker, client)
        update("partial_fill", "partially_filled", broker: broker, filled: start + 4, of: start + 4, client)
        update("fill", "filled", broker: broker, filled: 10, of: 6 - start, client)
    }

    mutating func shadow() {
        let simulated = tell(
            .shadow(
                .shadowSimulated(
                    ShadowSimulated(
                        intentID: intent, decisionHash: hash, executionCorrelationID: CorrelationID(trusted: "s"),
                        side: .buy, terms: terms, simulatedFillPrice: Amount(190), parityStatus: .inconclusive,
                        authorityMode: .paperRuntimeObserved, simulationJSON: .emptyObject))))
        judge(simulated, 1, nil)
    }

    @discardableResult
    mutating func judge(_ simulated: EventID, _ revision: Int64, _ earlier: EventID?) -> EventID {
        tell(
            .shadow(
                .shadowParityJudged(
                    ShadowParityJudged(
                        intentID: intent, decisionHash: hash, simulatedEventID: simulated, side: .buy, filledQty: qty,
                        simulatedFillPrice: Amount(190), actualFillPrice: Amount(190), parityDeltaBps: .zero,
                        parityLimitBps: Amount(10), parityStatus: .pass, revision: revision, supersedes: earlier))),
            causation: simulated)
    }

    mutating func grant() -> EventID {
        tell(
            .control(
                .overrideGranted(
                    OverrideGranted(
                        order: ControlOrder(
                            scope: .intent(intent), actor: ActorName(trusted: "ann"),
                            reason: Self.prose("seen at the broker")),
                        kind: .attemptLive, intentID: intent, alpacaOrderID: Self.broker(1)))))
    }

    mutating func cancel(broker: Int, _ reason: CancelReason, by word: EventID? = nil) -> EventID {
        let cancel = id()
        route(
            .cancelRequested(
                CancelRequested(
                    order: order(broker), cancelID: cancel, cancelReason: reason, executionAdapter: .lean,
                    executionCorrelationID: CorrelationID(trusted: "k"), controlEventID: word)))
        return cancel
    }

    mutating func confirm(_ cancel: EventID, broker: Int, filled: Int64) {
        route(
            .cancelConfirmed(
                CancelConfirmed(
                    order: order(broker), cancelID: cancel, executionAdapter: .lean,
                    status: BrokerWord(trusted: "canceled"), filledQty: Amount(filled), confirmedBy: .updateStream,
                    reply: AdapterReply())))
    }

    mutating func replace() {
        let (replaceID, client) = (id(), ClientOrderID(trusted: "\(hash)-r1"))
        route(
            .replaceRequested(
                ReplaceRequested(
                    order: order(1), replaceID: replaceID, newClientOrderID: client, side: .buy, terms: terms,
                    executionAdapter: .alpaca, executionCorrelationID: CorrelationID(trusted: "r"),
                    deadline: moment, ownerEpoch: 1)))
        prepare(2, .alpaca, replacing: client)
        sent(2, .alpaca, client)
        accept(2, .alpaca, broker: 2, client)
        route(
            .replaceDone(
                ReplaceDone(
                    order: order(1), replaceID: replaceID, newClientOrderID: client, newAlpacaOrderID: Self.broker(2),
                    executionAdapter: .alpaca, status: .accepted, reply: AdapterReply(), rawOrder: .emptyObject)))
        update("replaced", "replaced", broker: 1)
        fillWhole(broker: 2, client)
    }

    /// The canary is judged, breaks its limit, and stops everything: answers the stop.
    mutating func rollBack() -> EventID {
        let key = Label(trusted: "fallback_ratio_exceeded:1")
        let order = ControlOrder(
            scope: .global, actor: ActorName(trusted: "gates"), reason: Self.prose("the canary broke a limit"))
        let terms = CanaryPolicy().terms(dryRun: false)
        let vector = PositionVector(positions: [])
        let evaluation = tell(
            .control(
                .canaryEvaluated(
                    CanaryEvaluated(
                        order: order, evaluatedAt: moment, windowStart: moment, windowEnd: moment, isClosed: false,
                        policyHash: judgement.policyHash, terms: terms, vector: vector, rules: 1))))
        let verdict = tell(
            .canary(
                .canaryJudged(
                    CanaryJudged(
                        window: GateWindow(
                            verdict: .breach, windowStart: moment, windowEnd: moment, sample: 20, minimumSample: 20,
                            policyHash: judgement.policyHash, evaluatedAt: moment, vector: vector),
                        breachType: .fallbackRatioExceeded, leanTotal: 20, fallbackTotal: 9,
                        fallbackRatioLimit: Amount(units: 250_000_000), fallbackReasons: [], symbols: [symbol],
                        hardRollbackEnabled: true, action: .hardRollback, evaluationEventID: evaluation))),
            causation: evaluation)
        tell(
            .canary(
                .incidentOpened(
                    IncidentOpened(
                        incidentKey: key, breachType: .fallbackRatioExceeded, severity: .critical,
                        rollbackTriggered: true, symbols: [symbol], verdictEventID: verdict,
                        evidenceJSON: .emptyObject, observed: Amount(units: 450_000_000),
                        threshold: Amount(units: 250_000_000)))), causation: verdict)
        let latch = tell(
            .control(
                .emergencyStopLatched(
                    EmergencyStopLatched(
                        order: order, stopReasons: [Code(trusted: "lean_canary_breach")], latchedAt: moment,
                        verdictEventID: verdict, incidentKey: key, recoverable: false))), causation: verdict)
        tell(
            .control(
                .laneDisabled(LaneDisabled(order: order, lane: .execution, incidentKey: key))), causation: verdict)
        return latch
    }
}

extension StoryMaker {
    /// Every kind of story, by name.
    static var all: [(name: String, records: [StoryRecord])] {
        func story(_ name: String, _ body: (inout StoryMaker) -> Void) -> (String, [StoryRecord]) {
            var maker = StoryMaker()
            maker.decide()
            body(&maker)
            return (name, maker.records)
        }
        func begun(_ name: String, _ body: (inout StoryMaker) -> Void) -> (String, [StoryRecord]) {
            story(name) { maker in
                maker.emit()
                maker.prepare(1, .lean)
                body(&maker)
            }
        }
        func working(_ name: String, _ body: (inout StoryMaker) -> Void) -> (String, [StoryRecord]) {
            begun(name) { maker in
                maker.sent(1, .lean)
                maker.accept(1, .lean, broker: 1)
                body(&maker)
            }
        }
        return [
            story("a rejected decision") { $0.reject() },
            working("filled by LEAN, with a shadow") { maker in
                maker.fillWhole(broker: 1)
                maker.shadow()
            },
            begun("LEAN timed out, was proved absent, and Alpaca filled it") { maker in
                maker.sent(1, .lean)
                maker.doubt(1)
                maker.settle(1, .notLive)
                maker.fallBack()
                maker.prepare(2, .alpaca)
                maker.sent(2, .alpaca)
                maker.accept(2, .alpaca, broker: 2)
                maker.fillWhole(broker: 2)
            },
            begun("LEAN timed out, and Alpaca was away for a while") { maker in
                maker.sent(1, .lean)
                maker.doubt(1)
                maker.settle(1, .notLive)
                maker.hold(.adapterUnavailable)
                maker.fallBack()
                maker.release(.adapterUnavailable)
                maker.prepare(2, .alpaca)
                maker.sent(2, .alpaca)
                maker.accept(2, .alpaca, broker: 2)
                maker.fillWhole(broker: 2)
            },
            working("a fill after the cancel was asked for") { maker in
                maker.update("new", "new", broker: 1)
                let cancel = maker.cancel(broker: 1, .byOperator)
                maker.update("pending_cancel", "pending_cancel", broker: 1)
                maker.update("partial_fill", "partially_filled", broker: 1, filled: 4, of: 4)
                maker.update("canceled", "canceled", broker: 1, filled: 4)
                maker.confirm(cancel, broker: 1, filled: 4)
            },
            working("a replacement") { maker in
                maker.update("new", "new", broker: 1)
                maker.replace()
            },
            begun("in doubt, and settled by an operator") { maker in
                maker.sent(1, .lean)
                maker.doubt(1)
                let word = maker.grant()
                maker.settle(1, .live, broker: 1, by: word)
                maker.fillWhole(broker: 1)
            },
            begun("in doubt, and found when it was filled already") { maker in
                maker.sent(1, .lean)
                maker.doubt(1)
                maker.settle(1, .live, broker: 1, isOver: true)
                maker.fillWhole(broker: 1)
            },
            working("canceled by the canary's rollback") { maker in
                maker.update("new", "new", broker: 1)
                let latch = maker.rollBack()
                let cancel = maker.cancel(broker: 1, .emergencyStop, by: latch)
                maker.update("canceled", "canceled", broker: 1)
                maker.confirm(cancel, broker: 1, filled: 0)
            },
        ]
    }
}
