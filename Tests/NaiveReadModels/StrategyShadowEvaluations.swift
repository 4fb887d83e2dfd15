internal import Core
internal import Domain

extension ReadModel {
    static let strategyShadow = ReadModel(
        name: "lean_strategy_shadow_evaluations", ownership: TopicCatalog.strategyShadow,
        inputs: [TopicCatalog.strategyShadow],
        wants: [.strategyShadow(.strategyShadowEvaluated), .strategyShadow(.strategyShadowFailed)],
        tables: [.steps("lean_strategy_shadow_evaluations")],
        rows: { told, _ in ["lean_strategy_shadow_evaluations": told.map(evaluation)] })

    private static func evaluation(_ told: Told) -> NaiveRow {
        var row = NaiveRow()
        row.set("log_offset", told.position.offset)
        row.set("event_id", told.id)
        row.set("event_type", text: told.event.content.type.name)
        row.set("alpaca_account_label", told.account)
        row.set("symbol", told.symbol)
        row.set("created_at", told.time)
        row.set(
            nulls: "intent_json", "shadow_json", "governance_json", "promotion_ready", "parity_score",
            "authority_mode", "failure_taxonomy", "http_status", "reason")
        switch told.event.content {
        case .strategyShadow(.strategyShadowEvaluated(let event)):
            row.set("run_id", event.runID)
            row.set("strategy_id", event.strategyID)
            row.set("decision_hash", event.decisionHash)
            row.set("intent_json", event.intentJSON)
            row.set("shadow_json", event.shadowJSON)
            row.set("parity_status", event.parityStatus)
            row.set("governance_json", text: governance(event.governanceJSON))
            row.set("promotion_ready", event.governanceJSON.promotionReady)
            row.set("parity_score", event.governanceJSON.parityScore)
            row.set("disable_switch_active", event.disableSwitchActive)
            row.set("authority_mode", event.authorityMode)
            row.set("latency_us", event.latencyMicroseconds)
        case .strategyShadow(.strategyShadowFailed(let event)):
            row.set("run_id", event.runID)
            row.set("strategy_id", event.strategyID)
            row.set("decision_hash", event.decisionHash)
            row.set("parity_status", text: "error")
            row.set("disable_switch_active", event.disableSwitchActive)
            row.set("failure_taxonomy", event.failureTaxonomy)
            row.set("http_status", event.httpStatus)
            row.set("reason", event.reason)
            row.set("latency_us", event.latencyMicroseconds)
        default: preconditionFailure("no other event is wanted")
        }
        return row
    }

    /// Fields in the order of the schema, absent ones left out.
    private static func governance(_ governance: Governance) -> String {
        var fields: [String] = []
        if let score = governance.parityScore { fields.append("\"parity_score\":\"\(score)\"") }
        fields.append("\"promotion_ready\":\(governance.promotionReady)")
        fields.append("\"parity_minimum_met\":\"\(governance.parityMinimumMet.rawValue)\"")
        fields.append("\"governance_minimum_met\":\"\(governance.governanceMinimumMet.rawValue)\"")
        if let reason = governance.blockingReason { fields.append("\"blocking_reason\":\(quoted(reason.text))") }
        if let count = governance.evaluations { fields.append("\"evaluations\":\(count)") }
        if let score = governance.governanceScore { fields.append("\"governance_score\":\"\(score)\"") }
        if let count = governance.fills { fields.append("\"fills\":\(count)") }
        if let score = governance.fillScore { fields.append("\"fill_score\":\"\(score)\"") }
        return "{" + fields.joined(separator: ",") + "}"
    }
}
