internal import API
internal import Commands
internal import Core
internal import Domain
internal import HTTPServer
internal import JSON

/// The canary's gate: what `torghut canary status` says.
enum CanaryOperations {
    static func all(_ desk: OperatorDesk, _ sight: CanarySight) -> [Operation] {
        let policy = desk.house.settings.policy.policy.gates.canary
        return [
            Operation(
                .get, "/trading/lean/canary", id: "getCanary",
                "How the canary is: verdicts, open incidents, lanes, the last hard rollback.",
                answers: [Operation.Answer(200, "As the log says it.", shape)], problems: [.logUnavailable]
            ) { _ in
                let seen = try await desk.within(OperatorDesk.scanWait) { try await sight.look() }
                return .json(text(seen, policy))
            }
        ]
    }

    private static let shape = Shape.object(
        [
            Shape.Field("ok", .boolean, "No limit is broken, no incident is open, and every record can be read."),
            Shape.Field("state", .choice(["disabled", "off", "dry_run", "on"])), Shape.Field("mode", .any),
            Shape.Field("enabled", .boolean), Shape.Field("crypto_only", .boolean),
            Shape.Field("symbols", .list(.any, maximum: 10_000)), Shape.Field("fallback_ratio_limit", .decimal),
            Shape.Field("hard_rollback_enabled", .boolean), Shape.Field("verdicts", .list(.document, maximum: 1_000)),
            Shape.Field("incidents", .list(.document, maximum: 1_000)), Shape.Field("lanes", .document),
            Shape.Field("last_rollback", .nullable(.document)), Shape.Field("unread", .list(.any, maximum: 64)),
        ], isClosed: true)

    private static func text(_ seen: CanarySight.Seen, _ policy: CanaryPolicy) -> [UInt8] {
        let fold = seen.fold
        let isBroken = fold.incidents.verdicts.rows.contains { $0.verdict == .breach }
        var json = JSONWriter()
        json.object { json in
            json.key("ok")
            json.bool(!isBroken && fold.incidents.open.isEmpty && seen.unread.isEmpty)
            json.key("state")
            json.string(CanaryStanding.state(fold, policy))
            json.key("mode")
            json.string(policy.tradingMode.rawValue)
            json.key("enabled")
            json.bool(policy.isEnabled)
            json.key("crypto_only")
            json.bool(policy.cryptoOnly)
            json.key("symbols")
            json.array { json in for symbol in policy.symbols { json.string(symbol.text) } }
            json.key("fallback_ratio_limit")
            json.string("\(policy.fallbackRatioLimit)")
            json.key("hard_rollback_enabled")
            json.bool(policy.hardRollbackEnabled)
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
            json.key("last_rollback")
            if let last = fold.rollbacks.latest { write(last, &json) } else { json.null() }
            json.key("unread")
            json.array { json in for fault in seen.unread { json.string(fault) } }
        }
        return json.finish()
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
