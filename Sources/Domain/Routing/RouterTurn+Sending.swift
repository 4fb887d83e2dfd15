internal import Core

/// From an intent to an attempt: only when everything says that it may.
extension RouterTurn {
    enum Clearance {
        case go(Adapter, reason: Code?)
        /// A place will be free soon; nothing needs to be said.
        case wait(for: Adapter)
        case hold(HoldReason)
        case withdraw(WithdrawalReason)
    }

    mutating func begin(_ intent: RoutedIntent) {
        let choice = choose(for: intent)
        switch clearance(of: intent, by: choice.adapter, choice.reason) {
        case .go(let adapter, let reason): prepare(intent, by: adapter, reason)
        case let other: stay(intent, other)
        }
    }

    /// After an attempt that is proved not live: the other adapter, once.
    mutating func fallBack(_ intent: RoutedIntent) {
        guard let attempt = intent.attempt, let proof = attempt.proof, mayFallBack(intent, attempt) else {
            return withdraw(intent, .attemptsExhausted)
        }
        // The broker shows an order of ours after all: it is named and canceled, and nothing is sent beside it.
        if !intent.strays.isEmpty { return withdraw(intent, .attemptsExhausted) }
        let taxonomy = attempt.taxonomy ?? .unknownError
        let reason = FallbackReason.code(taxonomy, httpStatus: attempt.httpStatus)
        switch clearance(of: intent, by: .alpaca, reason) {
        case .go(let adapter, _):
            decideFallback(intent, attempt, proof, taxonomy, reason)
            guard let intent = state[intent.intentID] else { return }
            prepare(intent, by: adapter, reason)
        case let other: stay(intent, other)
        }
    }

    func mayFallBack(_ intent: RoutedIntent, _ attempt: RouteAttempt) -> Bool {
        attempt.adapter == .lean && intent.fallback == .alpaca && policy.fallback == .alpaca
            && intent.fallbacks < policy.limits.fallbacksPerIntent
    }

    private mutating func stay(_ intent: RoutedIntent, _ clearance: Clearance) {
        switch clearance {
        case .go: break
        case .wait(let adapter): session.shortOf.insert(adapter)
        case .hold(let reason): hold(intent, reason)
        case .withdraw(let reason): withdraw(intent, reason)
        }
    }

    /// Every stop, in the order in which they count.
    private func clearance(of intent: RoutedIntent, by adapter: Adapter, _ reason: Code?) -> Clearance {
        if session.local.isEngaged { return .withdraw(.killSwitchEngaged) }
        let isReviewed = state.control.reviews[intent.symbol] != nil
        if now >= intent.expiresAt { return .withdraw(isReviewed ? .symbolUnderReview : .expired) }
        // Whoever has read less of control than the decider knows too little, also about a release.
        if !isControlFresh || state.control.position < intent.judgedAt { return .hold(.controlViewStale) }
        if isKilled { return .withdraw(.killSwitchEngaged) }
        if state.control.stop.isLatched { return .withdraw(.emergencyStopLatched) }
        let released = state.control.override(.releaseHold, for: intent.intentID, at: now)
        if isReviewed, released == nil { return .hold(.symbolUnderReview) }
        if adapter == .alpaca, isUnavailable(.alpaca), released == nil { return .hold(.adapterUnavailable) }
        if policy.requiresStream, !state.control.isStreamReady(of: intent.account, at: now), released == nil {
            return .hold(.streamNotReady)
        }
        if !hasRoom(at: adapter) { return .wait(for: adapter) }
        return .go(adapter, reason: reason)
    }

    func hasRoom(at adapter: Adapter) -> Bool {
        if let room = session.room { return room[adapter, default: 0] > 0 }
        return session.callCount(to: adapter) < Int(policy.limits.concurrencyPerAdapter)
    }

    private func isUnavailable(_ adapter: Adapter) -> Bool {
        let standing = state.control.standing(of: adapter)
        guard standing.health == .unhealthy, let seen = standing.healthObservedAt else { return false }
        return now.since(seen) <= policy.health.maximumAge
    }

    /// The expected adapter, unless LEAN may not be used any more since the decision.
    private func choose(for intent: RoutedIntent) -> (adapter: Adapter, reason: Code?) {
        let override = state.control.override(.route, for: intent.intentID, at: now)
        if let named = override?.adapter, named == .alpaca || named == .lean, named != intent.expected {
            return (named, Code(trusted: "operator_override"))
        }
        guard intent.expected == .lean else { return (intent.expected, nil) }
        if let refusal = RouteResolver.refusal(policy: policy, control: state.control, at: now) {
            return (.alpaca, Code(trusted: refusal.rawValue))
        }
        let standing = state.control.standing(of: .lean)
        if standing.breaker == .halfOpen, !mayProbe(intent, standing) {
            return (.alpaca, Code(trusted: RouteReason.breakerOpen.rawValue))
        }
        return (.lean, nil)
    }

    /// Probes go by one partition, which has one owner: so many routers together send no more than one may.
    private func mayProbe(_ intent: RoutedIntent, _ standing: AdapterStanding) -> Bool {
        guard let judgedAt = standing.breakerJudgedAt, Int64(intent.cause.partition) == standing.probePartition else {
            return false
        }
        // A round that ended is counted up: whoever sends later sends in the next one.
        return now.since(judgedAt) <= router.inForce.policy.gates.probeLimit
            && state.recent.prepared(after: judgedAt) < standing.probesAllowed
    }

    mutating func hold(_ intent: RoutedIntent, _ reason: HoldReason, attempt: AttemptID? = nil) {
        let since = intent.hold?.reason == reason ? intent.hold?.since ?? now : now
        let isExceeded = now.since(since) >= timing.holdLimit
        if let hold = intent.hold, hold.reason == reason, hold.isExceeded || !isExceeded { return }
        emit(
            .intentHeld(
                IntentHeld(
                    intentID: intent.intentID, decisionHash: intent.decision, clientOrderID: intent.clientOrderID,
                    attemptID: attempt, holdReason: reason, heldSince: since,
                    holdLimitMicroseconds: timing.holdLimit.microseconds, holdLimitExceeded: isExceeded)),
            of: "\(intent.intentID)", "\(reason.rawValue)/\(since)/\(isExceeded)", for: intent)
    }

    mutating func release(_ intent: RoutedIntent, by override: EventID? = nil) {
        guard let hold = intent.hold else { return }
        emit(
            .intentReleased(
                IntentReleased(
                    intentID: intent.intentID, decisionHash: intent.decision, clientOrderID: intent.clientOrderID,
                    holdReason: hold.reason, heldForMicroseconds: now.since(hold.since).microseconds,
                    overrideEventID: override)),
            of: "\(intent.intentID)", "\(hold.reason.rawValue)/\(hold.since)", for: intent)
    }

    mutating func withdraw(_ intent: RoutedIntent, _ reason: WithdrawalReason) {
        emit(
            .intentWithdrawn(
                IntentWithdrawn(
                    intentID: intent.intentID, decisionHash: intent.decision, clientOrderID: intent.clientOrderID,
                    withdrawalReason: reason, attemptCount: intent.attempts, proof: intent.attempt?.proof)),
            of: "\(intent.intentID)", for: intent)
    }

    private mutating func prepare(_ intent: RoutedIntent, by adapter: Adapter, _ reason: Code?) {
        release(
            intent, by: state.control.override(.releaseHold, for: intent.intentID, at: now)?.grantedBy)
        prepare(
            intent, .submit, by: adapter, reason, intent.clientOrderID, intent.terms,
            deadline: min(later(timing.deadline), intent.expiresAt))
    }

    /// *Prepared* is written before the first byte goes out, and the call follows when that is durable.
    mutating func prepare(
        _ intent: RoutedIntent, _ operation: RouteOperation, by adapter: Adapter, _ reason: Code?,
        _ clientOrderID: ClientOrderID, _ terms: OrderTerms, deadline: Timestamp
    ) {
        let number = intent.attempts + 1
        let attempt = mint.attemptID(of: intent.intentID, attempt: number)
        let correlation = CorrelationID(trusted: "torghut-\(String(attempt.high, radix: 16))")
        let order = OutgoingOrder(
            intentID: intent.intentID, attemptID: attempt, adapter: adapter, account: intent.account,
            symbol: intent.symbol, side: intent.side, terms: terms, clientOrderID: clientOrderID,
            correlation: correlation, deadline: deadline, epoch: session.epoch)
        let prepared = AttemptPrepared(
            key: AttemptKey(
                intentID: intent.intentID, decisionHash: intent.decision, clientOrderID: clientOrderID,
                attemptID: attempt, attempt: number),
            evidence: RouteEvidence(
                executionExpectedAdapter: intent.expected, executionAdapter: adapter, executionFallbackReason: reason,
                executionFallbackCount: intent.fallbacks, executionCorrelationID: correlation,
                executionIdempotencyKey: clientOrderID),
            operation: operation,
            replacesClientOrderID: operation == .replace ? intent.order?.clientOrderID : nil,
            strategyID: intent.strategy, side: intent.side, terms: terms, requestHash: mint.digest(order.canonicalText),
            deadline: deadline, ownerEpoch: session.epoch,
            controlPosition: LogPosition(
                topic: TopicName(trusted: TopicCatalog.control.name), partition: 0, offset: state.control.position),
            controlSeenAt: session.controlSeenAt, tradingMode: router.inForce.policy.trading.mode,
            policyHash: router.inForce.policyHash,
            address: adapter == .lean ? policy.runnerAddress : policy.alpacaAddress)
        emit(.attemptPrepared(prepared), of: "\(attempt)", for: intent)
        session.calls[attempt] = adapter
        session.room?[adapter, default: 0] -= 1
        switch (operation, intent.order) {
        case (.replace, let replaced?): step.actions.append(.replace(order, of: replaced.alpacaOrderID))
        case (.submit, _), (.replace, nil): step.actions.append(.submit(order))
        }
    }
}

extension OutgoingOrder {
    /// The bytes that the hash of the request is made of.
    var canonicalText: [UInt8] {
        var text = CanonicalText(
            "torghut.request.v1",
            [
                ("client_order_id", clientOrderID.text), ("account_label", account.text), ("symbol", symbol.text),
                ("side", side.rawValue), ("order_type", terms.orderType.rawValue),
                ("time_in_force", terms.timeInForce.rawValue),
            ])
        let amounts = [
            ("qty", terms.qty), ("notional", terms.notional), ("limit_price", terms.limitPrice),
            ("stop_price", terms.stopPrice), ("trail_price", terms.trailPrice), ("trail_percent", terms.trailPercent),
        ]
        for (name, amount) in amounts { if let amount { text.append(name, "\(amount)") } }
        return text.bytes
    }
}
