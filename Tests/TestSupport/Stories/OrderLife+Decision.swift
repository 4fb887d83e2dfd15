import Core
import Domain
import Wire

extension OrderLife {
    mutating func decide() {
        let recorded = DecisionRecorded(
            decisionHash: hash, strategyID: strategy, timeframe: .oneMinute, action: side, terms: terms,
            identityParams: [], params: Self.params, rationale: Self.prose("momentum \"up\""), referenceQuote: quote,
            arrivalPrice: chance(50) ? Self.price(cents) : nil)
        append(.decisions(.decisionRecorded(recorded)), from: "api")
        if chance(3) { repeatLast() }
    }

    static let params = CompactJSON(trusted: Array(#"{"price":"190.2","rsi":"61.5","note":"ü"}"#.utf8))

    var judgement: Judgement {
        Judgement(
            policyHash: EventMint.content(Array("policy-1".utf8)),
            configHash: EventMint.content(Array("config-1".utf8)),
            tradingMode: .paper, capitalStage: .paper,
            judgedAt: [LogPosition(topic: TopicName(trusted: "torghut.control.v1"), partition: 0, offset: 17)])
    }

    mutating func emit() {
        let expected: Adapter = chance(70) ? .lean : .alpaca
        append(
            .intents(
                .intentEmitted(
                    IntentEmitted(
                        intentID: intent, decisionHash: hash, clientOrderID: client, strategyID: strategy,
                        timeframe: .oneMinute, side: side, terms: terms, requestedQty: qty, referenceQuote: quote,
                        executionExpectedAdapter: expected, executionAdapterPolicy: .all, routeReason: .policyAll,
                        executionFallbackAdapter: expected == .lean ? .alpaca : nil, params: Self.params,
                        judgement: judgement))), from: "commands")
    }

    mutating func reject() {
        append(
            .intents(
                .decisionRejected(
                    DecisionRejected(
                        decisionHash: hash, strategyID: strategy, timeframe: .oneMinute, action: side, terms: terms,
                        riskReasons: chance(50)
                            ? [.maxNotionalExceeded] : [.insufficientBuyingPower, .shortsNotAllowed],
                        rejectClass: .policy, rejectOrigin: .riskEngine, submissionStage: .rejectedPreSubmit,
                        judgement: judgement))), from: "commands")
    }

    mutating func block() {
        append(
            .intents(
                .decisionBlocked(
                    DecisionBlocked(
                        decisionHash: hash, strategyID: strategy, timeframe: .oneMinute, action: side, terms: terms,
                        submissionBlockReason: .killSwitchEnabled,
                        submissionBlockAtomic: [.killSwitchEnabled, .accountFactsStale],
                        submissionStage: .blockedKillSwitch, judgement: judgement))), from: "commands")
        if chance(40) {
            emit()
            withdraw(.killSwitchEngaged, after: 0)
        }
    }

    mutating func conflict() {
        let cause = Cause(topic: "torghut.decisions.v1", partition: 1, offset: Int64(random.next() % 1_000))
        append(
            .intents(
                .decisionConflicted(
                    DecisionConflicted(
                        decisionHash: hash, strategyID: strategy, recordedBodyHash: EventMint.content([1]),
                        conflictingBodyHash: EventMint.content([2]), firstCause: cause, conflictingCause: cause,
                        conflictingFields: [Label(trusted: "qty")]))), from: "commands")
    }

    mutating func withdraw(_ reason: WithdrawalReason, after attempts: Int64) {
        append(
            .route(
                .intentWithdrawn(
                    IntentWithdrawn(
                        intentID: intent, decisionHash: hash, clientOrderID: client, withdrawalReason: reason,
                        attemptCount: attempts, proof: attempts > 0 ? .neverConnected : nil))), from: "router")
    }
}
