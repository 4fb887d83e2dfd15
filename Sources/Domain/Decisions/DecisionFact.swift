public import Core

/// What the decider's fold takes of an event: the little that the next decision must know, without what auditors need.
///
/// A reader that is in a hurry makes it from a record's bytes; it is the same as the one made from the whole event.
/// Millions of them are handed on, so what is large lies in a place of its own.
public enum DecisionFact: Sendable, Equatable {
    /// Nothing but that it happened.
    case moment
    indirect case answered(AnsweredFact)
    case routed(RoutedFact)
    /// What is rare is taken whole.
    indirect case event(Event)

    public init(_ event: Event) {
        switch event.content {
        case .intents(let intents): self = AnsweredFact(intents, event.envelope).map(Self.answered) ?? .moment
        case .route(.idsDiverged), .account, .control, .canary: self = .event(event)
        case .route(let route): self = RoutedFact(route, event.envelope).map(Self.routed) ?? .moment
        case .orderEvents(let update): self = RoutedFact(update, event.envelope).map(Self.routed) ?? .moment
        case .decisions, .shadow, .strategyShadow, .backtests, .heartbeats, .quarantine: self = .moment
        }
    }
}

/// A decision was answered, and perhaps there is an order of ours from now on.
public struct AnsweredFact: Sendable, Equatable {
    public let account: AccountLabel
    public let eventID: EventID
    let decision: DecisionHash
    /// `nil` when the answer is none for one that comes again.
    let answer: EarlierAnswer?
    let order: Order?

    struct Order: Sendable, Equatable {
        let symbol: Symbol
        let strategy: StrategyID
        let side: Side
        let orderType: OrderType
        let limitPrice: Amount?
        let qty: Amount
        let notional: Amount
        let decidedAt: Timestamp
    }

    /// What all answers say, whatever they are.
    public struct Answer: Sendable {
        public var outcome: EarlierAnswer.Outcome
        public var decision: DecisionHash
        /// The terms as they were asked for.
        public var asked: OrderTerms
        public var params: CompactJSON?
        public var rationale: Prose?
        /// A stale decision was refused before anybody looked it up: it answers nothing.
        public var isStale = false

        public init(
            _ outcome: EarlierAnswer.Outcome, to decision: DecisionHash, asked: OrderTerms, params: CompactJSON?,
            rationale: Prose?
        ) {
            self.outcome = outcome
            self.decision = decision
            self.asked = asked
            self.params = params
            self.rationale = rationale
        }
    }

    /// The order that an intent makes.
    public struct Intent: Sendable {
        public var strategy: StrategyID
        public var side: Side
        public var terms: OrderTerms
        public var notional: Amount?
        public var arrivalPrice: Amount?

        public init(
            strategy: StrategyID, side: Side, terms: OrderTerms, notional: Amount?, arrivalPrice: Amount?
        ) {
            self.strategy = strategy
            self.side = side
            self.terms = terms
            self.notional = notional
            self.arrivalPrice = arrivalPrice
        }
    }

    /// `nil` without an account or symbol.
    public init?(_ answer: Answer, _ intent: Intent?, _ envelope: Envelope) {
        guard let account = envelope.account, let symbol = envelope.symbol else { return nil }
        self.account = account
        eventID = envelope.eventID
        decision = answer.decision
        if let cause = envelope.cause, !answer.isStale {
            self.answer = EarlierAnswer(
                decision: answer.decision, outcome: answer.outcome, eventID: envelope.eventID,
                answeredAt: envelope.ingestTime, partition: cause.partition, offset: cause.offset,
                body: BodyPrint(answer.asked, params: answer.params, rationale: answer.rationale))
        } else {
            self.answer = nil
        }
        order = intent.map { intent in
            let notional = intent.notional ?? .zero
            let qty = intent.terms.qty ?? intent.arrivalPrice.flatMap { notional.over($0) } ?? .zero
            return Order(
                symbol: symbol, strategy: intent.strategy, side: intent.side, orderType: intent.terms.orderType,
                limitPrice: intent.terms.limitPrice, qty: qty, notional: notional, decidedAt: envelope.eventTime)
        }
    }

    init?(_ event: Intents, _ envelope: Envelope) {
        switch event {
        case .intentEmitted(let intent):
            var asked = intent.terms
            if let requested = intent.requestedQty { asked.qty = requested }
            self.init(
                Answer(
                    .intent, to: intent.decisionHash, asked: asked, params: intent.params,
                    rationale: intent.rationale),
                Intent(
                    strategy: intent.strategyID, side: intent.side, terms: intent.terms,
                    notional: intent.intentNotional, arrivalPrice: intent.arrivalPrice), envelope)
        case .decisionRejected(let refusal):
            self.init(
                Answer(
                    .rejected, to: refusal.decisionHash, asked: refusal.terms, params: refusal.params,
                    rationale: refusal.rationale), nil, envelope)
        case .decisionBlocked(let held):
            var answer = Answer(
                .blocked, to: held.decisionHash, asked: held.terms, params: held.params, rationale: held.rationale)
            answer.isStale = held.submissionBlockAtomic.contains(.decisionStale)
            self.init(answer, nil, envelope)
        case .decisionConflicted: return nil
        }
    }
}
