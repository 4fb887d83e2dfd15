internal import Core
internal import Domain

extension ReadModel {
    static let routeAttempts = ReadModel(
        name: "route_attempts", ownership: TopicCatalog.decisions, inputs: [TopicCatalog.route],
        wants: Set(Route.Kind.allCases.map(EventType.route)),
        tables: [
            Table(name: "route_attempts", key: ["alpaca_account_label", "attempt_id", "symbol"]),
            .steps("route_steps"),
        ],
        rows: { told, _ in
            let attempts = grouped(told) { told in
                RouteStory.key(of: told).map { key(told.account.text, "\($0.attemptID)", told.symbol.text) }
            }
            return [
                "route_attempts": attempts.compactMap { RouteStory($0)?.row }, "route_steps": told.map(RouteStory.step),
            ]
        })
}

/// Everything that was told about one attempt, in the order of the log.
struct RouteStory {
    private let told: [Told]
    private let first: Told
    private let key: AttemptKey

    init?(_ told: [Told]) {
        guard let first = told.first, let key = Self.key(of: first) else { return nil }
        (self.told, self.first, self.key) = (told, first, key)
    }

    static func key(of told: Told) -> AttemptKey? {
        guard case .route(let route) = told.event.content else { return nil }
        if case .fallbackDecided(let event) = route { return event.key }
        return evidence(of: told)?.key
    }

    /// Key and evidence of the events that have evidence.
    static func evidence(of told: Told) -> (key: AttemptKey, evidence: RouteEvidence)? {
        switch told.event.content {
        case .route(.attemptPrepared(let event)): (event.key, event.evidence)
        case .route(.attemptSent(let event)): (event.key, event.evidence)
        case .route(.attemptAccepted(let event)): (event.key, event.evidence)
        case .route(.attemptRejected(let event)): (event.key, event.evidence)
        case .route(.attemptUnknown(let event)): (event.key, event.evidence)
        case .route(.attemptResolved(let event)): (event.key, event.evidence)
        default: nil
        }
    }

    /// What the first event that gives something gives.
    private func first<Value>(_ given: (Route) -> Value?) -> Value? {
        for told in told {
            if case .route(let route) = told.event.content, let value = given(route) { return value }
        }
        return nil
    }
}

extension RouteStory {
    var row: NaiveRow {
        var row = NaiveRow()
        row.set("alpaca_account_label", first.account)
        row.set("attempt_id", key.attemptID)
        row.set("symbol", first.symbol)
        row.set("intent_id", key.intentID)
        row.set("decision_hash", key.decisionHash)
        row.set("client_order_id", key.clientOrderID)
        row.set("attempt", key.attempt)
        let states = ["prepared", "sent", "unknown", "rejected", "not_live", "accepted"]
        row.set("state", text: states[told.map(Self.state).max() ?? 0])
        setPrepared(&row)
        setEvidence(&row)
        setOutcome(&row)
        setReply(&row)
        row.set(times: told.map(\.time))
        return row
    }

    private static func state(_ told: Told) -> Int {
        guard case .route(let route) = told.event.content else { return 0 }
        switch route {
        case .attemptSent: return 1
        case .attemptUnknown: return 2
        case .attemptRejected: return 3
        case .attemptAccepted: return 5
        case .attemptResolved(let event):
            switch event.resolution {
            case .live: return 5
            case .notLive: return 4
            case .rejected: return 3
            }
        default: return 0
        }
    }

    private func setPrepared(_ row: inout NaiveRow) {
        let prepared = first { if case .attemptPrepared(let event) = $0 { event } else { nil } }
        row.set("operation", prepared?.operation)
        row.set("side", prepared?.side)
        row.set("qty", prepared?.terms.qty)
        row.set("notional", prepared?.terms.notional)
        row.set("limit_price", prepared?.terms.limitPrice)
        row.set("stop_price", prepared?.terms.stopPrice)
        row.set("request_hash", prepared?.requestHash)
        row.set("deadline", prepared?.deadline)
        row.set("owner_epoch", prepared?.ownerEpoch)
        row.set("policy_hash", prepared?.policyHash)
        row.set("trading_mode", prepared?.tradingMode)
        row.set("address", prepared?.address)
        let sent = first { if case .attemptSent(let event) = $0 { event } else { nil } }
        row.set("sent_at", sent?.sentAt)
        row.set("sent_bytes", sent?.sentBytes)
    }

    private func setEvidence(_ row: inout NaiveRow) {
        let evidence = told.lazy.compactMap { Self.evidence(of: $0)?.evidence }.first
        let fallback = first { if case .fallbackDecided(let event) = $0 { event } else { nil } }
        let from = first { route -> Adapter? in
            if case .fallbackDecided(let event) = route, event.fromAdapter != .unknown {
                event.fromAdapter
            } else {
                nil
            }
        }
        row.set("execution_expected_adapter", text: evidence.map { shown($0.executionExpectedAdapter) } ?? "unknown")
        row.set(
            "execution_adapter",
            text: (evidence?.executionAdapter ?? from).map { shown($0) } ?? "unknown")
        row.set("execution_correlation_id", evidence?.executionCorrelationID)
        row.set("execution_idempotency_key", evidence?.executionIdempotencyKey)
        row.set("execution_fallback_reason", evidence?.executionFallbackReason)
        row.set("execution_fallback_count", evidence?.executionFallbackCount ?? 0)
        row.set("fallback_to", fallback?.toAdapter)
        row.set("fallback_reason", fallback?.executionFallbackReason)
    }

    private func setOutcome(_ row: inout NaiveRow) {
        row.set(
            "execution_route",
            first { route -> ExecutionRoute? in
                if case .attemptAccepted(let event) = route { return event.executionRoute }
                if case .attemptResolved(let event) = route { return event.executionRoute }
                return nil
            })
        row.set(
            "alpaca_order_id",
            first { route -> BrokerOrderID? in
                if case .attemptAccepted(let event) = route { return event.alpacaOrderID }
                if case .attemptResolved(let event) = route { return event.alpacaOrderID }
                return nil
            })
        row.set(
            "broker_status",
            text: first { route in
                if case .attemptAccepted(let event) = route { return event.status.rawValue }
                if case .attemptResolved(let event) = route { return event.status?.text }
                return nil
            })
        row.set(
            "proof",
            first { route -> Proof? in
                if case .attemptRejected(let event) = route { return event.proof }
                if case .attemptResolved(let event) = route { return event.proof }
                if case .fallbackDecided(let event) = route { return event.proof }
                return nil
            })
        row.set(
            "failure_taxonomy",
            first { route -> FailureTaxonomy? in
                if case .attemptRejected(let event) = route { return event.failureTaxonomy }
                if case .attemptUnknown(let event) = route { return event.failureTaxonomy }
                return nil
            })
        let rejected = first { if case .attemptRejected(let event) = $0 { event } else { nil } }
        row.set("rejection_class", rejected?.rejectionClass)
        row.set("fallback_allowed", rejected?.fallbackAllowed)
        let resolved = first { if case .attemptResolved(let event) = $0 { event } else { nil } }
        row.set("resolution", resolved?.resolution)
        row.set("resolution_found_by", resolved?.foundBy)
        row.set("resolution_actor", resolved?.actor)
    }

    private func setReply(_ row: inout NaiveRow) {
        let reply = first { route -> AdapterReply? in
            switch route {
            case .attemptAccepted(let event): event.reply
            case .attemptRejected(let event): event.reply
            case .attemptUnknown(let event): event.reply
            default: nil
            }
        }
        row.set("is_answered", reply != nil)
        row.set("http_status", reply?.httpStatus)
        row.set("reply_code", reply?.code)
        row.set("reply_reason", reply?.reason)
        row.set("latency_us", reply?.latencyMicroseconds)
    }
}
