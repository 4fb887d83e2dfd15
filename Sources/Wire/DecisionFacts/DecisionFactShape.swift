internal import Core
internal import Domain

/// How the frequent events lie in a record, as far as the decider needs them.
enum DecisionFactShape {
    case intent
    case rejection
    case block
    case acceptance
    case brokerUpdate
    case orderSnapshot

    /// `nil` for types that are read whole, and for versions that are not today's.
    init?(_ head: FrameHead) {
        switch head.type {
        case .intents(.intentEmitted) where head.version == IntentEmitted.currentVersion: self = .intent
        case .intents(.decisionRejected) where head.version == DecisionRejected.currentVersion: self = .rejection
        case .intents(.decisionBlocked) where head.version == DecisionBlocked.currentVersion: self = .block
        case .route(.attemptAccepted) where head.version == AttemptAccepted.currentVersion: self = .acceptance
        case .orderEvents(.brokerUpdateRecorded) where head.version == BrokerUpdateRecorded.currentVersion:
            self = .brokerUpdate
        case .orderEvents(.orderSnapshotObserved) where head.version == OrderSnapshotObserved.currentVersion:
            self = .orderSnapshot
        default: return nil
        }
    }

    /// Whether this changes nothing for the decider, whatever it says: in a version of today.
    ///
    /// What another version says nobody knows.
    static func isNothing(_ head: FrameHead) -> Bool { version(ofNothing: head.type) == head.version }

    private static func version(ofNothing type: EventType) -> Int64? {
        switch type {
        case .route(let kind):
            switch kind {
            case .attemptPrepared: AttemptPrepared.currentVersion
            case .attemptSent: AttemptSent.currentVersion
            case .fallbackDecided: FallbackDecided.currentVersion
            case .intentHeld: IntentHeld.currentVersion
            case .intentReleased: IntentReleased.currentVersion
            case .cancelRequested: CancelRequested.currentVersion
            case .cancelRefused: CancelRefused.currentVersion
            case .replaceRequested: ReplaceRequested.currentVersion
            case .replaceDone: ReplaceDone.currentVersion
            case .replaceRefused: ReplaceRefused.currentVersion
            case .attemptAccepted, .attemptRejected, .attemptUnknown, .attemptResolved, .intentWithdrawn,
                .cancelConfirmed, .idsDiverged:
                nil
            }
        case .orderEvents(.discrepancyFound): DiscrepancyFound.currentVersion
        case .orderEvents(.discrepancyResolved): DiscrepancyResolved.currentVersion
        case .intents(.decisionConflicted): DecisionConflicted.currentVersion
        default: nil
        }
    }

    func read(_ frame: inout FactFields) throws(WalkFailure) -> DecisionFact {
        switch self {
        case .intent, .rejection, .block: try answer(&frame)
        case .acceptance, .brokerUpdate, .orderSnapshot: try change(&frame)
        }
    }

    private func answer(_ frame: inout FactFields) throws(WalkFailure) -> DecisionFact {
        var envelope = Envelope(
            eventID: try frame.read("event_id"), eventTime: .epoch, ingestTime: .epoch, source: EventFrame.blank(),
            correlation: EventFrame.blank())
        try frame.pass("event_type")
        try frame.pass("version")
        envelope.eventTime = try frame.read("event_ts")
        envelope.ingestTime = try frame.read("ingest_ts")
        envelope.account = try frame.read("account_label")
        envelope.symbol = try frame.read("symbol")
        try frame.pass("seq")
        try frame.pass("source")
        try frame.pass("correlation_id")
        frame.passIfThere("causation_id")
        envelope.cause = try frame.readIfThere("cause")
        frame.passIfThere("window")
        var payload = try frame.object(EventFrame.payload)
        let fact: AnsweredFact?
        if case .intent = self {
            fact = try intent(&payload, envelope)
        } else {
            fact = try refusal(&payload, envelope)
        }
        guard let fact, payload.isAtEnd, frame.isAtEnd else { throw .outOfOrder }
        return .answered(fact)
    }

    private func intent(_ fields: inout FactFields, _ envelope: Envelope) throws(WalkFailure) -> AnsweredFact? {
        try fields.pass("intent_id")
        let decision: DecisionHash = try fields.read("decision_hash")
        try fields.pass("client_order_id")
        let strategy: StrategyID = try fields.read("strategy_id")
        try fields.pass("timeframe")
        let side: Side = try fields.read("side")
        let terms: OrderTerms = try fields.record()
        var asked = terms
        if let requested: Amount = try fields.readIfThere("requested_qty") { asked.qty = requested }
        fields.passIfThere("limiting_constraint")
        let notional: Amount? = try fields.readIfThere("intent_notional")
        fields.passIfThere("reference_quote")
        let arrivalPrice: Amount? = try fields.readIfThere("arrival_price")
        try fields.pass("execution_expected_adapter")
        try fields.pass("execution_adapter_policy")
        try fields.pass("route_reason")
        fields.passIfThere("execution_fallback_adapter")
        fields.passIfThere("max_slippage_bps")
        fields.passIfThere("sizing_debug")
        fields.passIfThere("quantity_resolution")
        let rationale: Prose? = try fields.readIfThere("rationale")
        let params = try fields.jsonIfThere("params")
        fields.passIfThere("expires_at")
        Self.passJudgement(&fields)
        return AnsweredFact(
            AnsweredFact.Answer(.intent, to: decision, asked: asked, params: params, rationale: rationale),
            AnsweredFact.Intent(
                strategy: strategy, side: side, terms: terms, notional: notional, arrivalPrice: arrivalPrice), envelope)
    }

    private func refusal(_ fields: inout FactFields, _ envelope: Envelope) throws(WalkFailure) -> AnsweredFact? {
        let decision: DecisionHash = try fields.read("decision_hash")
        try fields.pass("strategy_id")
        try fields.pass("timeframe")
        try fields.pass("action")
        let asked: OrderTerms = try fields.record()
        var isStale = false
        if case .block = self {
            try fields.pass("submission_block_reason")
            let all: [ReasonCode] = try fields.list("submission_block_atomic", 1...64)
            isStale = all.contains(.decisionStale)
        } else {
            try fields.pass("risk_reasons")
            try fields.pass("reject_class")
            try fields.pass("reject_origin")
        }
        try fields.pass("submission_stage")
        fields.passIfThere("evidence")
        fields.passIfThere("control_plane_snapshot")
        let rationale: Prose? = try fields.readIfThere("rationale")
        let params = try fields.jsonIfThere("params")
        Self.passJudgement(&fields)
        var answer = AnsweredFact.Answer(
            self.isBlock ? .blocked : .rejected, to: decision, asked: asked, params: params, rationale: rationale)
        answer.isStale = isStale
        return AnsweredFact(answer, nil, envelope)
    }

    private static func passJudgement(_ fields: inout FactFields) {
        for name in ofJudgement { fields.passIfThere(name) }
    }

    private static let ofJudgement: [StaticString] = [
        "policy_hash", "config_hash", "trading_mode", "capital_stage", "judged_at",
    ]

    private var isBlock: Bool { if case .block = self { true } else { false } }
}

extension DecisionFactShape {
    private func change(_ frame: inout FactFields) throws(WalkFailure) -> DecisionFact {
        try frame.pass("event_id")
        try frame.pass("event_type")
        try frame.pass("version")
        try frame.pass("event_ts")
        try frame.pass("ingest_ts")
        let account: AccountLabel = try frame.read("account_label")
        try frame.pass("symbol")
        try frame.pass("seq")
        try frame.pass("source")
        try frame.pass("correlation_id")
        frame.passIfThere("causation_id")
        frame.passIfThere("cause")
        frame.passIfThere("window")
        var payload = try frame.object(EventFrame.payload)
        let fact =
            switch self {
            case .acceptance: try acceptance(&payload, account)
            case .brokerUpdate: try brokerUpdate(&payload, account)
            default: try orderSnapshot(&payload, account)
            }
        // What stands behind the last field may be one that was taken for absent.
        guard payload.isAtEnd, frame.isAtEnd else { throw .outOfOrder }
        return fact
    }

    private func acceptance(_ fields: inout FactFields, _ account: AccountLabel) throws(WalkFailure) -> DecisionFact {
        try fields.pass("intent_id")
        let decision: DecisionHash = try fields.read("decision_hash")
        try fields.pass("client_order_id")
        try fields.pass("attempt_id")
        try fields.pass("attempt")
        try fields.pass("execution_expected_adapter")
        try fields.pass("execution_adapter")
        fields.passIfThere("execution_fallback_reason")
        try fields.pass("execution_fallback_count")
        try fields.pass("execution_correlation_id")
        try fields.pass("execution_idempotency_key")
        try fields.pass("execution_route")
        try fields.pass("_execution_adapter")
        try fields.pass("alpaca_order_id")
        let status: OrderStatus = try fields.read("status")
        try fields.pass("side")
        let terms: OrderTerms = try fields.record()
        let filled: Amount? = try fields.readIfThere("filled_qty")
        fields.passIfThere("filled_avg_price")
        fields.passIfThere("submitted_at")
        fields.passIfThere("idempotent_replay")
        fields.passIfThere("_execution_parity_check")
        for name in Self.ofReply { fields.passIfThere(name) }
        try fields.pass("raw_order")
        return .routed(
            RoutedFact(
                account: account, decision: decision,
                change: .accepted(
                    qty: terms.qty, limitPrice: terms.limitPrice, filled: filled, isOver: status.isOver)))
    }

    private func brokerUpdate(_ fields: inout FactFields, _ account: AccountLabel) throws(WalkFailure) -> DecisionFact {
        try fields.pass("event_fingerprint")
        try fields.pass("source_topic")
        try fields.pass("source_partition")
        try fields.pass("source_offset")
        fields.passIfThere("feed_seq")
        try fields.pass("update_shape")
        try fields.pass("account_label_origin")
        fields.passIfThere("event_type")
        let status: BrokerWord? = try fields.readIfThere("status")
        fields.passIfThere("broker_event_ts")
        fields.passIfThere("alpaca_order_id")
        let client: ClientOrderID? = try fields.readIfThere("client_order_id")
        for name in Self.ofUpdate { fields.passIfThere(name) }
        let filled: Amount? = try fields.readIfThere("filled_qty")
        for name in Self.ofFill { fields.passIfThere(name) }
        let classification: UpdateClass = try fields.read("classification")
        fields.passIfThere("classification_reason")
        let decision: DecisionHash? = try fields.readIfThere("decision_hash")
        fields.passIfThere("intent_id")
        fields.passIfThere("attempt_id")
        try fields.pass("raw_event")
        guard classification == .applied || classification == .noChange else { return .moment }
        return update(account, decision ?? client.flatMap(DecisionHash.init(of:)), status, filled)
    }

    private static let ofReply: [StaticString] = [
        "http_status", "code", "reason", "latency_us", "execution_audit_json",
    ]
    private static let ofUpdate: [StaticString] = [
        "execution_id", "side", "order_type", "time_in_force", "qty", "notional", "limit_price", "stop_price",
    ]
    private static let ofFill: [StaticString] = [
        "avg_fill_price", "fill_qty", "fill_price", "position_qty", "filled_qty_delta", "fill_quantity_basis",
        "replaces", "replaced_by",
    ]

    private func orderSnapshot(_ fields: inout FactFields, _ account: AccountLabel) throws(WalkFailure) -> DecisionFact
    {
        let order: OrderKey = try fields.record()
        try fields.pass("observed_by")
        try fields.pass("observed_at")
        let status: BrokerWord = try fields.read("status")
        for name in Self.ofUpdate { fields.passIfThere(name) }
        let filled: Amount? = try fields.readIfThere("filled_qty")
        for name in Self.ofSnapshot { fields.passIfThere(name) }
        try fields.pass("raw_order")
        return update(
            account, order.decisionHash ?? order.clientOrderID.flatMap(DecisionHash.init(of:)), status, filled)
    }

    private static let ofSnapshot: [StaticString] = [
        "avg_fill_price", "broker_updated_at", "replaces", "replaced_by", "execution_expected_adapter",
        "execution_adapter", "execution_fallback_reason",
    ]

    private func update(
        _ account: AccountLabel, _ decision: DecisionHash?, _ status: BrokerWord?, _ filled: Amount?
    ) -> DecisionFact {
        guard let decision else { return .moment }
        let isOver = status.flatMap { OrderStatus(rawValue: $0.text)?.isOver } ?? false
        return .routed(
            RoutedFact(account: account, decision: decision, change: .updated(filled: filled, isOver: isOver)))
    }
}
