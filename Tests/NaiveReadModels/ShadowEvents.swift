internal import Core
internal import Domain

extension ReadModel {
    static let shadowEvents = ReadModel(
        name: "lean_execution_shadow_events", ownership: TopicCatalog.leanShadow, inputs: [TopicCatalog.leanShadow],
        wants: [.shadow(.shadowSimulated), .shadow(.shadowFailed), .shadow(.shadowParityJudged)],
        tables: [.steps("lean_execution_shadow_events")],
        rows: { told, _ in ["lean_execution_shadow_events": told.map(shadowEvent)] })

    private static func shadowEvent(_ told: Told) -> NaiveRow {
        var row = NaiveRow()
        row.set("log_offset", told.position.offset)
        row.set("event_id", told.id)
        row.set("event_type", text: told.event.content.type.name)
        row.set("alpaca_account_label", told.account)
        row.set("symbol", told.symbol)
        row.set("created_at", told.time)
        row.set(
            nulls: "side", "http_status", "reason", "qty", "intent_price", "intent_notional", "simulated_fill_price",
            "simulated_slippage_bps", "parity_delta_bps", "authority_mode", "blocking_reason", "simulator_version",
            "simulation_json", "correlation_id", "failure_taxonomy", "latency_us", "simulated_event_id",
            "execution_adapter", "filled_qty", "actual_fill_price", "parity_limit_bps", "revision")
        switch told.event.content {
        case .shadow(.shadowSimulated(let event)):
            row.set("correlation_id", event.executionCorrelationID)
            set(&row, told, event.intentID, event.decisionHash)
            row.set("failure_taxonomy", event.failureTaxonomy)
            row.set("latency_us", event.latencyMicroseconds)
            simulated(&row, event)
        case .shadow(.shadowFailed(let event)):
            row.set("correlation_id", event.executionCorrelationID)
            set(&row, told, event.intentID, event.decisionHash)
            row.set("failure_taxonomy", event.failureTaxonomy)
            row.set("http_status", event.httpStatus)
            row.set("reason", event.reason)
            row.set("latency_us", event.latencyMicroseconds)
            row.set("parity_status", text: "error")
        case .shadow(.shadowParityJudged(let event)):
            set(&row, told, event.intentID, event.decisionHash)
            judged(&row, event)
        default: preconditionFailure("no other event is wanted")
        }
        return row
    }

    private static func set(
        _ row: inout NaiveRow, _ told: Told, _ intent: IntentID, _ decision: DecisionHash
    ) {
        row.set("intent_id", intent)
        row.set("decision_hash", decision)
        row.set("trade_decision_id", told.rowID("trade_decisions", "\(decision)", told.symbol.text))
        row.set("execution_id", told.rowID("executions", "\(decision)", told.symbol.text))
    }

    private static func simulated(_ row: inout NaiveRow, _ event: ShadowSimulated) {
        row.set("side", event.side)
        row.set("qty", event.terms.qty)
        row.set("intent_price", event.intentPrice)
        row.set("intent_notional", event.intentNotional)
        row.set("simulated_fill_price", event.simulatedFillPrice)
        row.set("simulated_slippage_bps", event.simulatedSlippageBps)
        row.set("parity_delta_bps", event.parityDeltaBps)
        row.set("parity_status", event.parityStatus)
        row.set("authority_mode", event.authorityMode)
        row.set("blocking_reason", event.blockingReason)
        row.set("simulator_version", event.simulatorVersion)
        row.set("simulation_json", event.simulationJSON)
    }

    private static func judged(_ row: inout NaiveRow, _ event: ShadowParityJudged) {
        row.set("side", event.side)
        row.set("qty", event.qty)
        row.set("simulated_fill_price", event.simulatedFillPrice)
        row.set("parity_delta_bps", event.parityDeltaBps)
        row.set("parity_status", event.parityStatus)
        row.set("failure_taxonomy", event.failureTaxonomy)
        row.set("simulated_event_id", event.simulatedEventID)
        row.set("execution_adapter", event.executionAdapter)
        row.set("filled_qty", event.filledQty)
        row.set("actual_fill_price", event.actualFillPrice)
        row.set("parity_limit_bps", event.parityLimitBps)
        row.set("revision", event.revision)
    }
}
