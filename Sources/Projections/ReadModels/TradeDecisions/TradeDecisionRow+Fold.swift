internal import Core
internal import Domain
internal import Wire

extension TradeDecisionRow {
    mutating func take(_ event: Event) {
        let time = Moment(event.envelope.eventTime)
        switch event.content {
        case .decisions(.decisionRecorded(let it)):
            take(
                Body(
                    rank: 0, it.strategyID, it.timeframe, it.action, it.terms, it.referenceQuote, it.seenPrice,
                    it.rationale),
                of: event)
        case .intents(let said): take(said, of: event)
        case .route(let said): take(said, at: time)
        case .orderEvents(.brokerUpdateRecorded(let it)): reach(it.saidStatus, at: it.moment(event.envelope))
        default: break
        }
    }

    private mutating func take(_ said: Intents, of event: Event) {
        switch said {
        case .intentEmitted(let it):
            let price = it.referenceQuote.map { Amount.middle($0.bid, $0.ask) } ?? it.arrivalPrice
            take(
                Body(rank: 1, it.strategyID, it.timeframe, it.side, it.terms, it.referenceQuote, price, it.rationale),
                of: event)
            raise(to: .submitted)
            judged = Judged(.submitRequested, it.judgement)
            intent = intent ?? it.intentID
            client = client ?? it.clientOrderID
            expectedAdapter = expectedAdapter ?? it.executionExpectedAdapter
        case .decisionRejected(let it):
            take(Body(rank: 2, it.strategyID, it.timeframe, it.action, it.terms, nil, nil, it.rationale), of: event)
            raise(to: .rejected)
            judged = Judged(it.submissionStage, it.judgement)
            judged.reasons = EventEncoder.text(of: it.riskReasons)
            judged.rejectClass = it.rejectClass
            judged.rejectOrigin = it.rejectOrigin
        case .decisionBlocked(let it):
            take(Body(rank: 3, it.strategyID, it.timeframe, it.action, it.terms, nil, nil, it.rationale), of: event)
            raise(to: .blocked)
            judged = Judged(it.submissionStage, it.judgement)
            judged.reasons = EventEncoder.text(of: it.submissionBlockAtomic)
        case .decisionConflicted: conflictedAt.lower(to: Moment(event.envelope.eventTime))
        }
    }

    private mutating func take(_ said: Route, at time: Moment) {
        switch said {
        case .attemptPrepared:
            submittedAt.lower(to: time)
            raise(to: .submitted)
        case .attemptSent, .attemptUnknown: raise(to: .submitted)
        case .attemptAccepted(let it):
            raise(to: .submitted)
            reach(it.status, at: time)
        case .attemptRejected(let it):
            raise(to: .submitted)
            if !it.fallbackAllowed { reach(.rejected, at: time) }
        case .attemptResolved(let it):
            raise(to: .submitted)
            switch it.resolution {
            case .live: reach(it.status?.status, at: time)
            case .rejected: reach(.rejected, at: time)
            case .notLive: break
            }
        case .intentWithdrawn(let it): if it.attemptCount != 0 { reach(it.withdrawalReason.status, at: time) }
        case .fallbackDecided, .intentHeld, .intentReleased, .cancelRequested, .cancelConfirmed, .cancelRefused,
            .replaceRequested, .replaceDone, .replaceRefused, .idsDiverged:
            break
        }
    }

    /// The best witness gives the whole body; of equals the first.
    private mutating func take(_ other: Body, of event: Event) {
        guard body.map({ other.rank < $0.rank }) ?? true else { return }
        body = other
        body?.decidedAt = Moment(event.envelope.eventTime)
        body?.json = EventEncoder.payload(of: event)
    }

    private mutating func raise(to other: DecisionStatus) {
        if other.rank > status.rank { status = other }
    }

    private mutating func reach(_ said: OrderStatus?, at moment: Moment) {
        if said == .filled { executedAt.lower(to: moment) }
        if let reached = DecisionStatus(said) { raise(to: reached) }
    }
}

extension TradeDecisionRow.Body {
    fileprivate init(
        rank: Int32, _ strategy: StrategyID, _ timeframe: Timeframe, _ action: Side, _ terms: OrderTerms,
        _ quote: ReferenceQuote?, _ price: Amount?, _ rationale: Prose?
    ) {
        self.init(
            rank: rank, strategy: strategy, timeframe: timeframe, action: action, qty: terms.qty,
            notional: terms.notional, orderType: terms.orderType, timeInForce: terms.timeInForce,
            limitPrice: terms.limitPrice, stopPrice: terms.stopPrice, bid: quote?.bid, ask: quote?.ask,
            arrivalPrice: price, rationale: rationale)
    }
}

extension TradeDecisionRow.Judged {
    fileprivate init(_ stage: SubmissionStage, _ judgement: Judgement) {
        self.init(
            stage: stage, tradingMode: judgement.tradingMode, capitalStage: judgement.capitalStage,
            policyHash: judgement.policyHash, configHash: judgement.configHash)
    }
}
