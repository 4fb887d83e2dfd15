internal import Core

extension RecentRows<CanaryIntent> {
    /// Follows an intent's first attempt through LEAN to where it is decided.
    mutating func fold(_ route: Route, _ envelope: Envelope, at now: Timestamp, _ horizon: Timestamp) {
        switch route {
        case .attemptPrepared(let event):
            guard event.evidence.executionAdapter == .lean, event.operation == .submit,
                self[event.key.intentID] == nil
            else { return }
            put(CanaryIntent(event, envelope, at: now))
            forget(before: horizon, keeping: CanaryFold.maximumRows)
        case .attemptAccepted(let event): change(event.key) { $0.end(.kept, at: now) }
        case .attemptRejected(let event):
            change(event.key) { row in
                switch event.rejectionClass {
                // The broker's answer came through LEAN, which did its work.
                case .brokerRejected: row.end(.kept, at: now)
                case .local: row.end(.withheld, at: now)
                case .contractInvalid, .notSent, .authRejected:
                    row.failedAt = row.failedAt ?? now
                    // Nobody else was allowed to do it: it is over, and LEAN did not do its work.
                    if !event.fallbackAllowed { row.end(.fellBack, CanaryCount.refusedReason, at: now) }
                }
            }
        case .attemptUnknown(let event): change(event.key) { $0.failedAt = $0.failedAt ?? now }
        case .attemptResolved(let event):
            guard event.resolution != .notLive else { return }
            change(event.key) { $0.end(.kept, at: now) }
        case .fallbackDecided(let event):
            change(event.key) { $0.end(.fellBack, event.executionFallbackReason, at: now) }
        case .intentWithdrawn(let event): change(event.intentID) { $0.end(.withdrawn, at: now) }
        case .attemptSent, .intentHeld, .intentReleased, .cancelRequested, .cancelConfirmed, .cancelRefused,
            .replaceRequested, .replaceDone, .replaceRefused, .idsDiverged:
            break
        }
    }

    private mutating func change(_ attempt: AttemptKey, _ body: (inout CanaryIntent) -> Void) {
        change(attempt.intentID) { if $0.attemptID == attempt.attemptID { body(&$0) } }
    }
}

extension RecentRows<CanaryTaking> {
    mutating func fold(_ route: Route, at now: Timestamp, _ horizon: Timestamp) {
        let taken: (AttemptKey, RouteEvidence)? =
            switch route {
            case .attemptAccepted(let event): (event.key, event.evidence)
            case .attemptResolved(let event): event.resolution == .live ? (event.key, event.evidence) : nil
            default: nil
            }
        guard let (key, evidence) = taken, self[key.decisionHash] == nil else { return }
        put(CanaryTaking(key.decisionHash, evidence.executionAdapter, at: now))
        forget(before: horizon, keeping: CanaryFold.maximumRows)
    }
}

extension RecentRows<CanaryFill> {
    /// An order's largest filled quantity has its last average.
    mutating func fold(_ update: BrokerUpdateRecorded, _ envelope: Envelope, at now: Timestamp, _ horizon: Timestamp) {
        guard let decision = update.decisionHash ?? update.clientOrderID.flatMap(DecisionHash.init(of:)),
            let average = update.avgFillPrice, let qty = update.filledQty, qty > .zero, average > .zero
        else { return }
        if let known = self[decision] {
            guard qty > known.qty else { return }
            return change(decision) { ($0.average, $0.qty) = (average, qty) }
        }
        put(CanaryFill(decision, envelope, average: average, qty: qty, at: now))
        forget(before: horizon, keeping: CanaryFold.maximumRows)
    }
}

extension RecentRows<CanaryShadow> {
    /// The window it belongs to is that of its first judgement; what is said later changes it there.
    mutating func fold(_ judged: ShadowParityJudged, _ envelope: Envelope, at now: Timestamp, _ horizon: Timestamp) {
        let isDrift: Bool? =
            switch judged.parityStatus {
            case .pass: false
            case .drift: true
            case .unknown, .error, .inconclusive, .blockedMissingEmpiricalAuthority: nil
            }
        if let known = self[judged.intentID] {
            guard judged.revision > known.revision else { return }
            return change(judged.intentID) { ($0.isDrift, $0.revision) = (isDrift, judged.revision) }
        }
        put(CanaryShadow(judged, envelope, isDrift: isDrift, at: now))
        forget(before: horizon, keeping: CanaryFold.maximumRows)
    }
}
