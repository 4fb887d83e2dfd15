internal import Core

/// What holds decisions back whatever they ask for.
extension DecisionCase {
    mutating func checkGates() {
        find(.tradingDisabled, when: !policy.isEnabled || facts?.isBlocked == true)
        if policy.mode == .live, !policy.isLiveAllowed {
            find(.liveTradingDisabled)
            find(.capitalStageShadow)
        }
        find(.liveTradingDisabled, when: policy.addressContradictsMode)
        find(.killSwitchEnabled, when: state.control.isEngaged(with: bench.local))
        find(.emergencyStopActive, when: state.control.stop.isLatched)
        find(.symbolUnderReview, when: state.control.reviews[symbol] != nil)
        switch state.control.strategies[decision.strategyID] {
        case nil: find(.strategyUnknown)
        case let standing?: find(.strategyDisabled, when: !standing.isEnabled)
        }
        if AssetClass(of: symbol) == .crypto {
            find(.cryptoTradingDisabled, when: !policy.isCryptoEnabled)
            find(.cryptoLiveTradingDisabled, when: policy.mode == .live && !policy.isCryptoLiveEnabled)
        }
        let isFresh = bench.controlSeenAt.map { moment.since($0) <= policy.controlLease } ?? false
        if !isFresh {
            find(.controlFactsStale)
            evidence.add("control_seen_at", bench.controlSeenAt)
        }
        find(.runtimeUncertaintyGate, when: state.answers.count >= policy.rememberedAnswers)
    }

    /// Missing or old facts block: they never mean that there is no limit.
    mutating func checkFacts() {
        guard let facts, facts.isComplete, facts.mode == policy.mode else { return find(.accountFactsMissing) }
        let age = moment.since(facts.asOf)
        if age > policy.accountFactsMaximumAge || age < .zero - policy.clockSkew {
            find(.accountFactsStale)
            evidence.add("account_as_of", facts.asOf)
        }
    }

    mutating func checkTime() {
        let decidedAt = record.envelope.eventTime
        if isStale {
            find(.decisionStale)
            evidence.add("expires_at", expiresAt)
            evidence.add("judged_at", moment)
        }
        find(.decisionInFuture, when: decidedAt.since(moment) > policy.clockSkew)
        guard policy.cooldown > .zero, let last = book.lastIntent(of: decision.strategyID, symbol) else { return }
        // Only an intent starts a cooldown, so a decision never blocks itself; one from before counts as well.
        let distance = decidedAt >= last ? decidedAt.since(last) : last.since(decidedAt)
        if distance < policy.cooldown {
            find(.cooldownActive)
            evidence.add("last_intent_at", last)
        }
    }

    /// Older than it may be; found before its hash is looked up, because answers are forgotten at that age.
    var isStale: Bool {
        let limit = record.envelope.eventTime.advanced(by: policy.decisionTTL + policy.clockSkew) ?? .latest
        return moment > limit || (decision.expiresAt.map { moment >= $0 } ?? false)
    }
}
