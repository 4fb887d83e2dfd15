internal import Core
internal import Domain

extension ReadModel {
    static let tradeDecisions = ReadModel(
        name: "trade_decisions", ownership: TopicCatalog.decisions,
        inputs: [TopicCatalog.decisions, TopicCatalog.orderIntents, TopicCatalog.route, TopicCatalog.orderEvents],
        wants: [
            .decisions(.decisionRecorded), .intents(.intentEmitted), .intents(.decisionRejected),
            .intents(.decisionBlocked), .intents(.decisionConflicted), .route(.attemptPrepared), .route(.attemptSent),
            .route(.attemptAccepted), .route(.attemptRejected), .route(.attemptUnknown), .route(.attemptResolved),
            .route(.intentWithdrawn), .orderEvents(.brokerUpdateRecorded),
        ],
        tables: [Table(name: "trade_decisions", key: ["alpaca_account_label", "decision_hash", "symbol"])],
        rows: { told, _ in
            let stories = grouped(told) { told in
                DecisionStory.decision(of: told).map { key(told.account.text, "\($0)", told.symbol.text) }
            }
            return ["trade_decisions": stories.compactMap { DecisionStory($0)?.row }]
        })
}

/// Everything that was told about one decision, and what follows from it.
struct DecisionStory {
    private let told: [Told]
    private let hash: String

    init?(_ told: [Told]) {
        guard let first = told.first, let hash = Self.decision(of: first) else { return nil }
        self.told = told
        self.hash = hash
    }

    /// The decision an event is about.
    static func decision(of told: Told) -> String? {
        switch told.event.content {
        case .decisions(.decisionRecorded(let event)): "\(event.decisionHash)"
        case .intents(.intentEmitted(let event)): "\(event.decisionHash)"
        case .intents(.decisionRejected(let event)): "\(event.decisionHash)"
        case .intents(.decisionBlocked(let event)): "\(event.decisionHash)"
        case .intents(.decisionConflicted(let event)): "\(event.decisionHash)"
        case .route(.attemptPrepared(let event)): "\(event.key.decisionHash)"
        case .route(.attemptSent(let event)): "\(event.key.decisionHash)"
        case .route(.attemptAccepted(let event)): "\(event.key.decisionHash)"
        case .route(.attemptRejected(let event)): "\(event.key.decisionHash)"
        case .route(.attemptUnknown(let event)): "\(event.key.decisionHash)"
        case .route(.attemptResolved(let event)): "\(event.key.decisionHash)"
        case .route(.intentWithdrawn(let event)): "\(event.decisionHash)"
        case .orderEvents(.brokerUpdateRecorded(let event)): decision(of: event)
        default: nil
        }
    }

    static func decision(of update: BrokerUpdateRecorded) -> String? {
        guard update.classification != .foreign else { return nil }
        return update.decisionHash.map { "\($0)" } ?? update.clientOrderID.flatMap { decision(in: $0) }
    }

    /// The hash that a client order id of our own begins with.
    static func decision(in id: ClientOrderID) -> String? {
        let bytes = Array(id.text.utf8)
        let digits = Array("0123456789".utf8)
        guard bytes.count >= 64, bytes[..<64].allSatisfy({ digits.contains($0) || (97...102).contains($0) }) else {
            return nil
        }
        let rest = bytes[64...]
        guard rest.isEmpty || (rest.count > 2 && rest.starts(with: Array("-r".utf8))) else { return nil }
        guard rest.dropFirst(2).allSatisfy(digits.contains) else { return nil }
        return String(decoding: bytes[..<64], as: UTF8.self)
    }

    /// The mean of a quote, else what the event itself says.
    static func arrival(_ quote: ReferenceQuote?, else price: Amount?) -> Amount? {
        guard let quote else { return price }
        return (Exact(of: quote.bid) + Exact(of: quote.ask)).divided(by: Exact(2)).amount
    }
}

extension DecisionStory {
    var row: NaiveRow {
        var row = NaiveRow()
        guard let first = told.first else { return row }
        row.set("id", first.rowID("trade_decisions", hash, first.symbol.text))
        row.set("alpaca_account_label", first.account)
        row.set("decision_hash", text: hash)
        row.set("symbol", first.symbol)
        setBody(&row)
        setSubmission(&row)
        let said = told.map { (BrokerSaying.rank(of: $0), $0) }
        let rank = said.map(\.0).max() ?? 0
        row.set("status_rank", rank)
        row.set("status", text: BrokerSaying.word(ofRank: rank))
        row.set("conflicted_at", earliest { if case .intents(.decisionConflicted) = $0 { true } else { false } })
        row.set("submitted_at", earliest { if case .route(.attemptPrepared) = $0 { true } else { false } })
        row.set("executed_at", told.filter { BrokerSaying.word(of: $0) == "filled" }.map(\.moment).min())
        row.set(times: told.map(\.time))
        return row
    }

    private func earliest(_ isMeant: (DomainEvent) -> Bool) -> Instant? {
        told.filter { isMeant($0.event.content) }.map(\.time).min()
    }

    private func bodyRank(_ told: Told) -> Int? {
        switch told.event.content {
        case .decisions(.decisionRecorded): 0
        case .intents(.intentEmitted): 1
        case .intents(.decisionRejected): 2
        case .intents(.decisionBlocked): 3
        default: nil
        }
    }

    private func setBody(_ row: inout NaiveRow) {
        let rank = told.compactMap(bodyRank).min()
        row.set("body_rank", rank)
        row.set(
            nulls: "strategy_id", "timeframe", "action", "qty", "notional", "order_type", "time_in_force",
            "limit_price", "stop_price", "reference_bid", "reference_ask", "arrival_price", "rationale",
            "decision_event_ts", "decision_json")
        guard let rank, let body = told.first(where: { bodyRank($0) == rank }) else { return }
        switch body.event.content {
        case .decisions(.decisionRecorded(let event)):
            set(&row, event.strategyID, event.timeframe, event.action, event.terms, event.rationale)
            set(&row, event.referenceQuote, event.arrivalPrice)
        case .intents(.intentEmitted(let event)):
            set(&row, event.strategyID, event.timeframe, event.side, event.terms, event.rationale)
            set(&row, event.referenceQuote, event.arrivalPrice)
        case .intents(.decisionRejected(let event)):
            set(&row, event.strategyID, event.timeframe, event.action, event.terms, event.rationale)
        case .intents(.decisionBlocked(let event)):
            set(&row, event.strategyID, event.timeframe, event.action, event.terms, event.rationale)
        default: preconditionFailure("no other event has a body")
        }
        row.set("decision_event_ts", body.time)
        row.set("decision_json", text: body.payload)
    }

    private func set(
        _ row: inout NaiveRow, _ strategy: StrategyID, _ timeframe: Timeframe, _ action: Side, _ terms: OrderTerms,
        _ rationale: Prose?
    ) {
        row.set("strategy_id", strategy)
        row.set("timeframe", timeframe)
        row.set("action", action)
        row.set("qty", terms.qty)
        row.set("notional", terms.notional)
        row.set("order_type", terms.orderType)
        row.set("time_in_force", terms.timeInForce)
        row.set("limit_price", terms.limitPrice)
        row.set("stop_price", terms.stopPrice)
        row.set("rationale", rationale)
    }

    private func set(_ row: inout NaiveRow, _ quote: ReferenceQuote?, _ price: Amount?) {
        row.set("reference_bid", quote?.bid)
        row.set("reference_ask", quote?.ask)
        row.set("arrival_price", Self.arrival(quote, else: price))
    }

    private func setSubmission(_ row: inout NaiveRow) {
        row.set(
            nulls: "submission_stage", "reject_reasons", "reject_class", "reject_origin", "trading_mode",
            "capital_stage", "policy_hash", "config_hash", "intent_id", "client_order_id",
            "execution_expected_adapter")
        for told in told {
            switch told.event.content {
            case .intents(.intentEmitted(let event)):
                row.set("submission_stage", text: "submit_requested")
                row.set(nulls: "reject_reasons", "reject_class", "reject_origin")
                set(&row, event.judgement)
            case .intents(.decisionRejected(let event)):
                row.set("submission_stage", event.submissionStage)
                row.set("reject_reasons", text: array(event.riskReasons.map(\.rawValue)))
                row.set("reject_class", event.rejectClass)
                row.set("reject_origin", event.rejectOrigin)
                set(&row, event.judgement)
            case .intents(.decisionBlocked(let event)):
                row.set("submission_stage", event.submissionStage)
                row.set("reject_reasons", text: array(event.submissionBlockAtomic.map(\.rawValue)))
                row.set(nulls: "reject_class", "reject_origin")
                set(&row, event.judgement)
            default: continue
            }
        }
        let intents = told.lazy.compactMap { told -> IntentEmitted? in
            if case .intents(.intentEmitted(let event)) = told.event.content { event } else { nil }
        }
        guard let intent = intents.first else { return }
        row.set("intent_id", intent.intentID)
        row.set("client_order_id", intent.clientOrderID)
        row.set("execution_expected_adapter", intent.executionExpectedAdapter)
    }

    private func set(_ row: inout NaiveRow, _ judgement: Judgement) {
        row.set("trading_mode", judgement.tradingMode)
        row.set("capital_stage", judgement.capitalStage)
        row.set("policy_hash", judgement.policyHash)
        row.set("config_hash", judgement.configHash)
    }
}
