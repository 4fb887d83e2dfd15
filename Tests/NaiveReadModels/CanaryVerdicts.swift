internal import Core
internal import Domain

extension ReadModel {
    static let canaryVerdicts = ReadModel(
        name: "lean_canary_verdicts", ownership: TopicCatalog.canary, inputs: [TopicCatalog.canary],
        wants: [.canary(.canaryJudged), .canary(.rolloutStepTaken)],
        tables: [.steps("lean_canary_verdicts"), .steps("lean_rollout_steps")],
        rows: { told, _ in
            var rows: [String: [NaiveRow]] = ["lean_canary_verdicts": [], "lean_rollout_steps": []]
            for told in told {
                switch told.event.content {
                case .canary(.canaryJudged(let event)):
                    rows["lean_canary_verdicts", default: []].append(verdict(event, told))
                case .canary(.rolloutStepTaken(let event)):
                    rows["lean_rollout_steps", default: []].append(step(event, told))
                default: preconditionFailure("no other event is wanted")
                }
            }
            return rows
        })

    private static func begun(_ told: Told) -> NaiveRow {
        var row = NaiveRow()
        row.set("log_offset", told.position.offset)
        row.set("event_id", told.id)
        row.set("created_at", told.time)
        return row
    }

    private static func verdict(_ event: CanaryJudged, _ told: Told) -> NaiveRow {
        var row = begun(told)
        row.set("breach_type", event.breachType)
        row.set("verdict", event.window.verdict)
        row.set("action", event.action)
        row.set("window_start", event.window.windowStart)
        row.set("window_end", event.window.windowEnd)
        row.set("is_closed", event.isClosed)
        row.set("trading_mode", event.tradingMode)
        row.set("dry_run", event.dryRun)
        row.set("sample", event.window.sample)
        row.set("minimum_sample", event.window.minimumSample)
        row.set("numerator", event.numerator)
        row.set("observed", event.observed)
        row.set("threshold", event.threshold)
        row.set("baseline", event.baseline)
        row.set("lean_total", event.leanTotal)
        row.set("fallback_total", event.fallbackTotal)
        row.set("pending_total", event.pendingTotal)
        row.set("overdue_total", event.overdueTotal)
        row.set("truncated", event.truncated)
        row.set("policy_hash", event.window.policyHash)
        row.set("evaluation_event_id", event.evaluationEventID)
        row.set("amends_event_id", event.amendsEventID)
        row.set("details_json", text: told.payload)
        return row
    }

    private static func step(_ event: RolloutStepTaken, _ told: Told) -> NaiveRow {
        var row = begun(told)
        row.set("rollout_id", event.rolloutID)
        row.set("step", event.step)
        row.set("phase", event.phase)
        row.set("previous_phase", event.previousPhase)
        row.set("lane", event.lane)
        row.set("scope_symbols", text: array(event.scopeSymbols.map(\.text)))
        row.set("scope_accounts", text: array(event.scopeAccounts.map(\.text)))
        row.set("scope_share", event.scopeShare)
        row.set("stop_condition", event.stopCondition)
        row.set("rollback_trigger", event.rollbackTrigger)
        row.set("fallback_ratio_limit", event.fallbackRatioLimit)
        row.set("actor", event.actor)
        row.set("reason", event.reason)
        row.set("policy_hash", event.policyHash)
        row.set("evidence_json", event.evidenceJSON)
        return row
    }
}
