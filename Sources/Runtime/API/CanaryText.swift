internal import API
internal import Commands
internal import Core
internal import Domain
internal import JSON

/// The canary's gate as JSON.
enum CanaryText {
    static let shape = Shape.object(
        [
            Shape.Field("ok", .boolean, "No limit is broken, no incident is open, and every record can be read."),
            Shape.Field("state", .choice(["disabled", "off", "dry_run", "on"])), Shape.Field("mode", .any),
            Shape.Field("enabled", .boolean), Shape.Field("crypto_only", .boolean),
            Shape.Field("symbols", .list(.any, maximum: 10_000)),
            Shape.Field("accounts", .list(.any, maximum: 10_000)), Shape.Field("fallback_ratio_limit", .decimal),
            Shape.Field("hard_rollback_enabled", .boolean), Shape.Field("window_seconds", .integer(0 ... .max)),
            Shape.Field("minimum_sample", .integer(0 ... .max)),
            Shape.Field(
                "limits", .list(.document, maximum: 64), "Each limit of this process's settings; null is none."),
            Shape.Field("verdicts", .list(.document, maximum: 1_000)),
            Shape.Field("incidents", .list(.document, maximum: 1_000)), Shape.Field("lanes", .document),
            Shape.Field("rollout", .nullable(.document), "How far it is, by the last step that was taken."),
            Shape.Field("last_rollback", .nullable(.document)), Shape.Field("unread", .list(.any, maximum: 64)),
        ], isClosed: true)

    static func of(_ seen: CanarySight.Seen, _ policy: CanaryPolicy) -> [UInt8] {
        let fold = seen.fold
        let isBroken = fold.incidents.verdicts.rows.contains { $0.verdict == .breach }
        var json = JSONWriter()
        json.object { json in
            json.key("ok")
            json.bool(!isBroken && fold.incidents.open.isEmpty && seen.unread.isEmpty)
            json.key("state")
            json.string(CanaryStanding.state(fold, policy))
            terms(policy, &json)
            json.key("verdicts")
            json.array { json in for row in fold.incidents.verdicts.rows { write(row, &json) } }
            json.key("incidents")
            json.array { json in for row in fold.incidents.open { write(row, &json) } }
            json.key("lanes")
            json.object { json in
                for lane in Lane.allCases {
                    json.key(lane.rawValue)
                    json.string(fold.control.mode(of: lane).rawValue)
                }
            }
            json.key("rollout")
            if let rollout = seen.rollout { write(rollout, &json) } else { json.null() }
            json.key("last_rollback")
            if let last = fold.rollbacks.latest { write(last, &json) } else { json.null() }
            json.key("unread")
            json.array { json in for fault in seen.unread { json.string(fault) } }
        }
        return json.finish()
    }

    private static func terms(_ policy: CanaryPolicy, _ json: inout JSONWriter) {
        json.key("mode")
        json.string(policy.tradingMode.rawValue)
        json.key("enabled")
        json.bool(policy.isEnabled)
        json.key("crypto_only")
        json.bool(policy.cryptoOnly)
        json.key("symbols")
        json.array { json in for symbol in policy.symbols { json.string(symbol.text) } }
        json.key("accounts")
        json.array { json in for account in policy.accounts { json.string(account.text) } }
        json.key("fallback_ratio_limit")
        json.string("\(policy.fallbackRatioLimit)")
        json.key("hard_rollback_enabled")
        json.bool(policy.hardRollbackEnabled)
        json.key("window_seconds")
        json.integer(policy.window.components.seconds)
        json.key("minimum_sample")
        json.integer(policy.minimumSample)
        json.key("limits")
        let limits: [(BreachType, Amount?)] = [
            (.fallbackRatioExceeded, policy.fallbackRatioLimit), (.errorRateExceeded, policy.errorRateLimit),
            (.parityMismatch, policy.driftRatioLimit), (.slippageExceeded, policy.slippageLimitBps),
        ]
        json.array { json in
            for (breach, limit) in limits {
                json.object { json in
                    json.key("breach_type")
                    json.string(breach.rawValue)
                    json.key("limit")
                    optional(limit, &json)
                }
            }
        }
    }

    private static func write(_ row: LastVerdict, _ json: inout JSONWriter) {
        json.object { json in
            json.key("breach_type")
            json.string(row.breach.rawValue)
            json.key("verdict")
            json.string(row.verdict.rawValue)
            json.key("event_id")
            json.string("\(row.eventID)")
            json.key("observed")
            optional(row.observed, &json)
            json.key("threshold")
            optional(row.threshold, &json)
            json.key("sample")
            json.integer(row.sample)
            json.key("evaluated_at")
            json.string("\(row.evaluatedAt)")
        }
    }

    private static func write(_ row: CanaryIncidents.Row, _ json: inout JSONWriter) {
        json.object { json in
            json.key("incident_key")
            json.string(row.incidentKey.text)
            json.key("breach_type")
            json.string(row.breach.rawValue)
            json.key("rolled_back")
            json.bool(row.isRolledBack)
            json.key("worst")
            json.string("\(row.worst)")
            json.key("opened_at")
            json.string("\(row.openedAt)")
            json.key("updated_at")
            json.string("\(row.updatedAt)")
        }
    }

    private static func write(_ rollout: CanarySight.Rollout, _ json: inout JSONWriter) {
        json.object { json in
            json.key("rollout_id")
            json.string(rollout.step.rolloutID.text)
            json.key("phase")
            optional(rollout.standing.phase?.rawValue, &json)
            json.key("is_held")
            json.bool(rollout.standing.isHeld)
            json.key("steps")
            json.integer(rollout.standing.steps)
            json.key("last_step")
            json.string(rollout.step.phase.rawValue)
            json.key("taken_at")
            json.string("\(rollout.takenAt)")
            json.key("actor")
            json.string(rollout.step.actor.text)
            json.key("reason")
            json.string(rollout.step.reason.text)
        }
    }

    private static func write(_ row: RollbackFold.Row, _ json: inout JSONWriter) {
        json.object { json in
            json.key("incident_key")
            json.string(row.incidentKey.text)
            json.key("evidence_at")
            optional(row.evidenceAt, &json)
            json.key("latched_at")
            json.string("\(row.latchedAt)")
            json.key("open_orders")
            json.integer(row.orders)
            json.key("ended")
            json.integer(row.ended)
            json.key("too_late")
            json.integer(row.tooLate)
            json.key("waiting")
            json.integer(row.waiting)
            json.key("took_seconds")
            if let took = row.took { json.string("\(took / .seconds(1))") } else { json.null() }
        }
    }

    private static func optional(_ value: (some CustomStringConvertible)?, _ json: inout JSONWriter) {
        if let value { json.string("\(value)") } else { json.null() }
    }
}
