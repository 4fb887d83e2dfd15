internal import Core

/// What a decision was answered.
public enum DecisionAnswer: Sendable, Equatable {
    /// One event for the log: an intent, or every reason why not.
    case answered(Event)
    /// The same decision came again, and its first answer stands: nothing is written.
    case repeated(EarlierAnswer)
    /// The same hash came with another body: the first stands, and an event says so.
    case conflicted(Event)

    public var event: Event? {
        switch self {
        case .answered(let event), .conflicted(let event): event
        case .repeated: nil
        }
    }
}

/// The decider: a decision and all that is known give an intent, or every reason why not.
///
/// Pure, and the same everywhere: time comes in with the bench, ids come from causes.
public struct TradingDecider: Sendable {
    public let inForce: PolicyInForce
    let mint: Mint

    public init(_ inForce: PolicyInForce, mint: Mint) {
        self.inForce = inForce
        self.mint = mint
    }

    /// Judges and folds the answer, so that the next decision of a batch sees it.
    public func answer(_ record: DecisionRecord, in state: inout DecisionState, on bench: Bench) -> DecisionAnswer {
        let answer = decide(record, given: state, on: bench)
        // The offset of an answer is not known yet, and nothing in this fold asks for it.
        if let event = answer.event { state.fold(event, at: 0) }
        return answer
    }

    public func decide(_ record: DecisionRecord, given state: DecisionState, on bench: Bench) -> DecisionAnswer {
        var matter = DecisionCase(record, state, inForce.policy, bench)
        if !matter.isStale, let earlier = state.answers[record.decision.decisionHash] {
            let decision = record.decision
            let body = BodyPrint(decision.terms, params: decision.params, rationale: decision.rationale)
            let differences = body.differences(from: earlier.body)
            if differences.isEmpty { return .repeated(earlier) }
            return .conflicted(conflict(record, earlier, body, differences, matter))
        }
        let choice = RouteResolver.resolve(
            record.symbol, hint: record.decision.adapterHint, policy: matter.routing, control: state.control,
            at: matter.moment)
        matter.checkGates()
        matter.checkFacts()
        matter.checkTime()
        if choice.adapter == .lean {
            matter.find(.routeParityNotPassed, when: state.parity.divergence(of: record.decision.strategyID) != nil)
        }
        let sizing = matter.size()
        matter.checkRisk(sizing)
        if matter.reasons.isEmpty { return .answered(derive(.intents(intent(matter, sizing, choice)), matter)) }
        // Bad stays bad, whatever else holds it back; both lists are whole.
        let bad = matter.reasons.first { $0.blockStage == nil }
        if !matter.isStale, let bad { return .answered(derive(.intents(rejection(matter, bad)), matter)) }
        return .answered(derive(.intents(block(matter)), matter))
    }
}

extension TradingDecider {
    private func derive(_ content: DomainEvent, _ matter: DecisionCase) -> Event {
        let parent = matter.record.envelope
        var envelope = parent
        envelope.eventID = mint.eventID(.record(matter.record.cause, content.type))
        envelope.ingestTime = matter.moment
        envelope.seq = matter.bench.seq
        envelope.source = matter.bench.source
        envelope.causation = parent.eventID
        envelope.cause = matter.record.cause
        envelope.window = nil
        return Event(envelope, content)
    }

    private func judgement(_ matter: DecisionCase) -> Judgement {
        var positions = [
            LogPosition(
                topic: TopicName(trusted: TopicCatalog.control.name), partition: 0,
                offset: matter.state.control.position)
        ]
        if let facts = matter.facts {
            positions.append(
                LogPosition(
                    topic: TopicName(trusted: TopicCatalog.account.name), partition: 0, offset: facts.position))
        }
        return Judgement(
            policyHash: inForce.policyHash, configHash: inForce.configHash, tradingMode: matter.policy.mode,
            capitalStage: matter.policy.capitalStage, judgedAt: positions)
    }

    private func intent(_ matter: DecisionCase, _ sizing: Sizing, _ choice: RouteChoice) -> Intents {
        let decision = matter.decision
        var terms = decision.terms
        terms.qty = sizing.qty
        var resolution = Evidence()
        resolution.add("qty_step", sizing.step.size)
        resolution.add("reason", sizing.stepReason)
        resolution.add("fractional_allowed", matter.policy.allowsFractions)
        resolution.add("short_increasing", sizing.isShortIncreasing)
        var debug = Evidence()
        if sizing.limit != nil {
            debug.add("requested_qty", sizing.requested)
            debug.add("final_qty", sizing.qty)
            debug.add("min_executable_qty", sizing.step.size)
        }
        return .intentEmitted(
            IntentEmitted(
                intentID: mint.intentID(of: decision.decisionHash, account: matter.record.account.text),
                decisionHash: decision.decisionHash,
                clientOrderID: ClientOrderID(trusted: decision.decisionHash.description),
                strategyID: decision.strategyID, timeframe: decision.timeframe, side: decision.action, terms: terms,
                requestedQty: sizing.limit == nil ? nil : sizing.requested,
                limitingConstraint: sizing.limit.map { Code(trusted: "\($0)") }, intentNotional: sizing.notional,
                referenceQuote: decision.referenceQuote, arrivalPrice: decision.arrivalPrice ?? sizing.price,
                executionExpectedAdapter: choice.adapter, executionAdapterPolicy: matter.routing.mode ?? .allowlist,
                routeReason: choice.reason,
                executionFallbackAdapter: choice.adapter == .lean ? matter.routing.fallback : nil,
                maxSlippageBps: decision.maxSlippageBps, sizingDebug: debug.json, quantityResolution: resolution.json,
                rationale: decision.rationale, params: decision.params, expiresAt: matter.expiresAt,
                judgement: judgement(matter)))
    }

    private func rejection(_ matter: DecisionCase, _ first: ReasonCode) -> Intents {
        let decision = matter.decision
        return .decisionRejected(
            DecisionRejected(
                decisionHash: decision.decisionHash, strategyID: decision.strategyID, timeframe: decision.timeframe,
                action: decision.action, terms: decision.terms, riskReasons: matter.reasons,
                rejectClass: first.rejectClass, rejectOrigin: first.rejectOrigin, submissionStage: .rejectedPreSubmit,
                evidence: matter.evidence.json, rationale: decision.rationale, params: decision.params,
                judgement: judgement(matter)))
    }

    private func block(_ matter: DecisionCase) -> Intents {
        let decision = matter.decision
        let holding = matter.reasons.filter { $0.blockStage != nil }
        guard let first = matter.isStale ? .decisionStale : holding.first else {
            preconditionFailure("a decision is blocked for a reason")
        }
        return .decisionBlocked(
            DecisionBlocked(
                decisionHash: decision.decisionHash, strategyID: decision.strategyID, timeframe: decision.timeframe,
                action: decision.action, terms: decision.terms, submissionBlockReason: first,
                submissionBlockAtomic: matter.reasons, submissionStage: first.blockStage ?? .blocked,
                evidence: matter.evidence.json, rationale: decision.rationale, params: decision.params,
                judgement: judgement(matter)))
    }

    private func conflict(
        _ record: DecisionRecord, _ earlier: EarlierAnswer, _ body: BodyPrint, _ differences: [String],
        _ matter: DecisionCase
    ) -> Event {
        derive(
            .intents(
                .decisionConflicted(
                    DecisionConflicted(
                        decisionHash: earlier.decision, strategyID: record.decision.strategyID,
                        recordedBodyHash: mint.digest(earlier.body.canonicalText),
                        conflictingBodyHash: mint.digest(body.canonicalText), firstCause: earlier.cause,
                        conflictingCause: record.cause, conflictingFields: differences.map(Label.init(trusted:))))),
            matter)
    }
}
