internal import Core

/// Why an order left its route, in the original's words.
enum FallbackReason {
    static func code(_ taxonomy: FailureTaxonomy, httpStatus: Int64?) -> Code {
        let cause =
            switch taxonomy {
            case .timeout: "timeout"
            case .networkError, .connectRefused: "network_error"
            case .contractViolation: "contract_violation"
            case .http4xx, .http5xx, .authRejected, .rateLimited, .deadlinePassed, .staleEpoch, .brokerRejected:
                httpStatus.map { "http_\($0)" } ?? "http_error"
            case .invalidJSON, .interrupted, .unknownError: "failed"
            }
        return Code(trusted: "lean_submit_order_\(cause)")
    }
}

extension RouterTurn {
    /// A fallback is an event: it names its evidence, counts attempts and says how badly LEAN does.
    mutating func decideFallback(
        _ intent: RoutedIntent, _ attempt: RouteAttempt, _ proof: Proof, _ taxonomy: FailureTaxonomy, _ reason: Code
    ) {
        let window = policy.limits.reviewWindow
        let start = now.advanced(by: .zero - window) ?? .earliest
        emit(
            .fallbackDecided(
                FallbackDecided(
                    key: key(of: intent, attempt), fromAdapter: .lean, toAdapter: .alpaca,
                    executionFallbackReason: reason, executionFallbackCount: intent.fallbacks + 1, proof: proof,
                    attemptCount: intent.attempts,
                    nextAttemptID: mint.attemptID(of: intent.intentID, attempt: intent.attempts + 1),
                    degradation: Degradation(
                        failureTaxonomy: taxonomy, httpStatus: attempt.httpStatus,
                        latencyMicroseconds: attempt.latencyMicroseconds,
                        windowSeconds: window.components.seconds,
                        windowRequests: state.recent.requests(since: start),
                        windowFailures: state.recent.failures(since: start)),
                    policyHash: router.inForce.policyHash)),
            of: "\(attempt.attemptID)", for: intent)
        review(intent, attempt, since: start)
    }

    /// Repeated fallback of one symbol in a window: a person must look at it.
    private mutating func review(_ intent: RoutedIntent, _ attempt: RouteAttempt, since start: Timestamp) {
        let count = state.recent.fallbackCount(of: intent.symbol, since: start)
        let limit = policy.limits.reviewAfterFallbacks
        guard count >= limit, state.control.reviews[intent.symbol] == nil else { return }
        let opened = SymbolReviewOpened(
            order: ControlOrder(
                scope: .symbol(intent.symbol), actor: ActorName(trusted: session.process.text),
                reason: Prose(known: "repeated fallback")),
            symbol: intent.symbol, fallbackCount: count, fallbackLimit: limit,
            window: GateWindow(
                verdict: .breach, windowStart: start, windowEnd: now, sample: count, minimumSample: limit,
                policyHash: router.inForce.policyHash, evaluatedAt: now, vector: PositionVector(positions: [])))
        let id = mint.eventID(.step(of: "\(attempt.attemptID)", "control.symbol_review_opened"))
        emit(.symbolReviewOpened(opened), id, for: intent)
    }
}
