internal import Core

/// What an adapter's answer proves, and what it does not.
extension RouterTurn {
    mutating func conclude(
        _ intent: RoutedIntent, _ id: AttemptID, _ answer: SubmitAnswer, _ sentAt: Timestamp?, _ sentBytes: Int64
    ) {
        let isReplacement = intent.replacement?.attemptID == id
        guard let attempt = isReplacement ? intent.replacement : intent.attempt, attempt.attemptID == id else { return }
        let isAwaited = isReplacement || intent.phase == .attempting
        if isAwaited, attempt.unknownSince == nil {
            if let sentAt {
                emit(
                    .attemptSent(
                        AttemptSent(
                            key: key(of: intent, attempt), evidence: attempt.evidence, sentAt: sentAt,
                            sentBytes: sentBytes)),
                    of: "\(id)", for: intent)
            }
            return conclude(intent, attempt, isReplacement, answer)
        }
        if isReplacement || intent.phase == .unknown { takeLate(answer, intent, attempt, isReplacement) }
    }

    private mutating func conclude(
        _ intent: RoutedIntent, _ attempt: RouteAttempt, _ isReplacement: Bool, _ answer: SubmitAnswer
    ) {
        switch answer {
        case .order(let shown, let reply, let isReplay):
            let faults = ReplyContract.faults(
                shown, of: attempt.clientOrderID, intent.symbol, intent.side, attempt.terms)
            if let status = shown.orderStatus, let id = shown.alpacaOrderID, faults.isEmpty {
                accept(intent, attempt, isReplacement, shown, id, status, reply, isReplay)
            } else {
                // A 2xx that breaks the contract says that something is live, and not what.
                var reply = reply
                reply.code = faults.first.map { Code(trusted: $0) } ?? reply.code
                lose(intent, attempt, isReplacement, .contractViolation, reply, shown.raw)
            }
        case .refused(let rejection, let taxonomy, let reply, let raw):
            refuse(intent, attempt, isReplacement, rejection, .refusedByContract, taxonomy, reply, raw)
        case .neverConnected(let reply):
            refuse(intent, attempt, isReplacement, .notSent, .neverConnected, .connectRefused, reply, nil)
        case .heldBack(let taxonomy, let reply):
            refuse(intent, attempt, isReplacement, .local, .neverConnected, taxonomy, reply, nil)
        case .unclear(let taxonomy, let reply, let raw):
            lose(intent, attempt, isReplacement, taxonomy, reply, raw)
        }
    }

    func route(of intent: RoutedIntent, by adapter: Adapter) -> ExecutionRoute {
        switch adapter {
        case .lean: .lean
        case .simulation: .simulation
        case .alpaca, .unknown: intent.fallbacks > 0 ? .leanToAlpaca : .alpaca
        }
    }

    func marker(of intent: RoutedIntent, by adapter: Adapter) -> RouteMarker {
        switch adapter {
        case .lean: .lean
        case .simulation: .simulation
        case .alpaca, .unknown: intent.fallbacks > 0 ? .alpacaFallback : .alpaca
        }
    }

    private mutating func accept(
        _ intent: RoutedIntent, _ attempt: RouteAttempt, _ isReplacement: Bool, _ shown: ShownOrder,
        _ id: BrokerOrderID, _ status: OrderStatus, _ reply: AdapterReply, _ isReplay: Bool?
    ) {
        emit(
            .attemptAccepted(
                AttemptAccepted(
                    key: key(of: intent, attempt), evidence: attempt.evidence,
                    executionRoute: route(of: intent, by: attempt.adapter),
                    routeMarker: marker(of: intent, by: attempt.adapter), alpacaOrderID: id, status: status,
                    side: intent.side, terms: attempt.terms, filledQty: shown.filledQty,
                    filledAvgPrice: shown.filledAvgPrice, submittedAt: shown.submittedAt,
                    idempotentReplay: isReplay, parityCheck: ReplyContract.name, reply: reply, rawOrder: shown.raw)),
            of: "\(attempt.attemptID)", for: intent)
        if isReplacement { finishReplace(intent, attempt, shown, id, status, reply) }
    }

    private mutating func refuse(
        _ intent: RoutedIntent, _ attempt: RouteAttempt, _ isReplacement: Bool, _ rejection: RejectionClass,
        _ proof: Proof, _ taxonomy: FailureTaxonomy, _ reply: AdapterReply, _ raw: CompactJSON?
    ) {
        // Whoever says "not sent" while the broker shows the order is not believed.
        if rejection != .brokerRejected, intent.isSeen(attempt) {
            return lose(intent, attempt, isReplacement, taxonomy, reply, raw)
        }
        // A business rejection is the broker's own answer: another route would only ask him again.
        let mayFallBack = !isReplacement && rejection != .brokerRejected && mayFallBack(intent, attempt)
        emit(
            .attemptRejected(
                AttemptRejected(
                    key: key(of: intent, attempt), evidence: attempt.evidence, rejectionClass: rejection, proof: proof,
                    failureTaxonomy: taxonomy, fallbackAllowed: mayFallBack, reply: reply, rawReply: raw)),
            of: "\(attempt.attemptID)", for: intent)
        if isReplacement { refuseReplace(intent, attempt, taxonomy, reply) }
        if rejection == .authRejected { markUnhealthy(attempt, intent, reply) }
    }

    mutating func lose(
        _ intent: RoutedIntent, _ attempt: RouteAttempt, _ isReplacement: Bool, _ taxonomy: FailureTaxonomy,
        _ reply: AdapterReply, _ raw: CompactJSON?
    ) {
        emit(
            .attemptUnknown(
                AttemptUnknown(
                    key: key(of: intent, attempt), evidence: attempt.evidence, failureTaxonomy: taxonomy,
                    unknownSince: now, deadline: attempt.deadline, reply: reply, rawReply: raw)),
            of: "\(attempt.attemptID)", for: intent)
        guard let intent = state[intent.intentID] else { return }
        if !isReplacement { hold(intent, .attemptUnknown, attempt: attempt.attemptID) }
    }

    /// An answer to a call that was given up is evidence like any other.
    private mutating func takeLate(
        _ answer: SubmitAnswer, _ intent: RoutedIntent, _ attempt: RouteAttempt, _ isReplacement: Bool
    ) {
        switch answer {
        case .order(let shown, _, _):
            let faults = ReplyContract.faults(
                shown, of: attempt.clientOrderID, intent.symbol, intent.side, attempt.terms)
            if faults.isEmpty { resolve(intent, attempt, .live(shown), .runnerReply) }
        case .refused(.brokerRejected, _, _, _): resolve(intent, attempt, .rejected, .runnerReply)
        case .refused:
            if !resolveBySight(intent, attempt) {
                resolve(intent, attempt, .notLive(.refusedByContract), .runnerReply)
            }
        case .neverConnected, .heldBack: resolve(intent, attempt, .notLive(.neverConnected), .runnerReply)
        case .unclear: break
        }
    }

    /// Refused credentials concern every order, so everybody is told.
    private mutating func markUnhealthy(_ attempt: RouteAttempt, _ intent: RoutedIntent, _ reply: AdapterReply) {
        guard let address = attempt.adapter == .lean ? policy.runnerAddress : policy.alpacaAddress else { return }
        let observed = RunnerHealthObserved(
            order: ControlOrder(
                scope: .adapter(attempt.adapter), actor: ActorName(trusted: session.process.text),
                reason: Prose(known: "credentials were refused")),
            address: address, health: .unhealthy, observedAt: now, httpStatus: reply.httpStatus,
            latencyMicroseconds: reply.latencyMicroseconds)
        let id = mint.eventID(.step(of: "\(attempt.attemptID)", "control.runner_health_observed"))
        emit(.runnerHealthObserved(observed), id, for: intent)
    }
}
