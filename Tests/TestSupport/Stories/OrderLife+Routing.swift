import Core
import Domain
import Wire

/// One attempt to bring the intent to an adapter.
struct Attempt {
    let key: AttemptKey
    let evidence: RouteEvidence
    let alpacaOrderID: BrokerOrderID

    var adapter: Adapter { evidence.executionAdapter }

    var route: ExecutionRoute {
        switch (evidence.executionExpectedAdapter, adapter) {
        case (.lean, .alpaca): .leanToAlpaca
        case (_, .lean): .lean
        default: .alpaca
        }
    }

    init(of life: OrderLife, number: Int64, adapter: Adapter, expected: Adapter, reason: Code? = nil) {
        var ids = SplitMix64(seed: life.hash.words.0 &+ UInt64(number))
        key = AttemptKey(
            intentID: life.intent, decisionHash: life.hash, clientOrderID: life.client,
            attemptID: EventMint.attemptID(of: life.intent, attempt: number), attempt: number)
        evidence = RouteEvidence(
            executionExpectedAdapter: expected, executionAdapter: adapter, executionFallbackReason: reason,
            executionFallbackCount: number - 1,
            executionCorrelationID: CorrelationID(trusted: "torghut-\(ids.next() % 1_000_000_000)"),
            executionIdempotencyKey: life.client)
        alpacaOrderID = BrokerOrderID(trusted: "\(EventID(hashed: ids.next(), ids.next()))")
    }
}

extension OrderLife {
    /// Answers the attempt that has the order; `nil` when none has.
    mutating func route() -> Attempt? {
        guard chance(70) else {
            let attempt = Attempt(of: self, number: 1, adapter: .alpaca, expected: .alpaca)
            return send(attempt) ? attempt : nil
        }
        let lean = Attempt(of: self, number: 1, adapter: .lean, expected: .lean)
        prepare(lean)
        if chance(2) { return nil }  // A crash, and nobody has looked yet.
        switch random.next() % 10 {
        case 0: return fallBack(from: lean, provedBy: .neverConnected)
        case 1:
            suspect(lean)
            if chance(20) { return nil }
            if chance(50) {
                resolve(lean, .live)
                return lean
            }
            resolve(lean, .notLive)
            return fallBack(from: lean, provedBy: .deadlineAndAbsence)
        default:
            sent(lean)
            accept(lean, status: pick([.accepted, .new, .pendingNew]))
            return lean
        }
    }

    private mutating func fallBack(from lean: Attempt, provedBy proof: Proof) -> Attempt? {
        let reason = Code(trusted: "lean_submit_order_timeout")
        if proof == .neverConnected { refuse(lean, fallback: true) }
        if chance(10) {
            hold(lean)
            withdraw(.attemptsExhausted, after: 1)
            return nil
        }
        let next = Attempt(of: self, number: 2, adapter: .alpaca, expected: .lean, reason: reason)
        append(
            .route(
                .fallbackDecided(
                    FallbackDecided(
                        key: lean.key, fromAdapter: .lean, toAdapter: .alpaca, executionFallbackReason: reason,
                        executionFallbackCount: 1, proof: proof, attemptCount: 1, nextAttemptID: next.key.attemptID,
                        degradation: Degradation(
                            failureTaxonomy: .timeout, windowSeconds: 60, windowRequests: 20, windowFailures: 3),
                        policyHash: judgement.policyHash))), from: "router")
        return send(next) ? next : nil
    }

    private mutating func send(_ attempt: Attempt) -> Bool {
        prepare(attempt)
        sent(attempt)
        if chance(4) {
            refuse(attempt, fallback: false)
            return false
        }
        accept(attempt, status: pick([.accepted, .new, .filled]))
        return true
    }

    mutating func prepare(_ attempt: Attempt) {
        append(
            .route(
                .attemptPrepared(
                    AttemptPrepared(
                        key: attempt.key, evidence: attempt.evidence, operation: .submit, strategyID: strategy,
                        side: side, terms: terms, requestHash: EventMint.content(Array(client.text.utf8)),
                        deadline: now, ownerEpoch: 3, tradingMode: .paper, policyHash: judgement.policyHash))),
            from: "router")
    }

    private mutating func sent(_ attempt: Attempt) {
        append(
            .route(
                .attemptSent(AttemptSent(key: attempt.key, evidence: attempt.evidence, sentAt: now, sentBytes: 431))),
            from: "router")
    }

    mutating func accept(_ attempt: Attempt, status: OrderStatus) {
        let isFilled = status == .filled
        append(
            .route(
                .attemptAccepted(
                    AttemptAccepted(
                        key: attempt.key, evidence: attempt.evidence, executionRoute: attempt.route,
                        routeMarker: attempt.adapter == .lean ? .lean : .alpaca, alpacaOrderID: attempt.alpacaOrderID,
                        status: status, side: side, terms: terms, filledQty: isFilled ? qty : nil,
                        filledAvgPrice: isFilled ? Self.price(cents) : nil, submittedAt: now,
                        reply: AdapterReply(
                            httpStatus: 200, latencyMicroseconds: Int64(random.next() % 90_000),
                            executionAuditJSON: CompactJSON(
                                trusted: Array(#"{"runner":"lean-0","operation":"submit_order"}"#.utf8))),
                        rawOrder: CompactJSON(
                            trusted: Array(
                                #"{"id":"\#(attempt.alpacaOrderID)","status":"\#(status.rawValue)","legs":null}"#.utf8))
                    )
                )), from: "router")
    }

    private mutating func refuse(_ attempt: Attempt, fallback: Bool) {
        append(
            .route(
                .attemptRejected(
                    AttemptRejected(
                        key: attempt.key, evidence: attempt.evidence,
                        rejectionClass: fallback ? .notSent : .brokerRejected,
                        proof: fallback ? .neverConnected : .refusedByContract,
                        failureTaxonomy: fallback ? .connectRefused : .brokerRejected, fallbackAllowed: fallback,
                        reply: AdapterReply(
                            httpStatus: fallback ? nil : 422, code: Code(trusted: "broker_rejected"),
                            reason: Self.prose("insufficient buying power"))))), from: "router")
    }

    private mutating func suspect(_ attempt: Attempt) {
        append(
            .route(
                .attemptUnknown(
                    AttemptUnknown(
                        key: attempt.key, evidence: attempt.evidence, failureTaxonomy: .timeout, unknownSince: now,
                        deadline: now, reply: AdapterReply(latencyMicroseconds: 5_000_000)))), from: "router")
        hold(attempt)
    }

    private mutating func hold(_ attempt: Attempt) {
        append(
            .route(
                .intentHeld(
                    IntentHeld(
                        intentID: intent, decisionHash: hash, clientOrderID: client, attemptID: attempt.key.attemptID,
                        holdReason: .attemptUnknown, heldSince: now, holdLimitMicroseconds: 30_000_000,
                        holdLimitExceeded: false))), from: "router")
    }

    private mutating func resolve(_ attempt: Attempt, _ resolution: Resolution) {
        let isLive = resolution == .live
        append(
            .route(
                .attemptResolved(
                    AttemptResolved(
                        key: attempt.key, evidence: attempt.evidence, resolution: resolution,
                        proof: isLive ? nil : .deadlineAndAbsence, foundBy: .lookupByClientOrderID, lookups: [],
                        alpacaOrderID: isLive ? attempt.alpacaOrderID : nil,
                        status: isLive ? BrokerWord(trusted: "accepted") : nil,
                        executionRoute: isLive ? attempt.route : nil, routeMarker: isLive ? .lean : nil,
                        unknownForMicroseconds: 2_500_000))), from: "router")
    }
}
