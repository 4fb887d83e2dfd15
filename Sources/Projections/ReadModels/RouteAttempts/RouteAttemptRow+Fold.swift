internal import Core
internal import Domain

extension RouteAttemptRow {
    mutating func take(_ event: Route, at time: Moment) {
        createdAt.lower(to: time)
        updatedAt.raise(to: time)
        switch event {
        case .attemptPrepared(let it):
            evidence = evidence ?? it.evidence
            if request.operation == nil { request = Request(it) }
        case .attemptSent(let it):
            evidence = evidence ?? it.evidence
            state = max(state, .sent)
            guard sentAt == nil else { return }
            sentAt = Moment(it.sentAt)
            sentBytes = it.sentBytes
        case .attemptAccepted(let it):
            evidence = evidence ?? it.evidence
            state = max(state, .accepted)
            reached(it.executionRoute, it.alpacaOrderID, BrokerWord(trusted: it.status.rawValue))
            answered(it.reply)
        case .attemptRejected(let it):
            evidence = evidence ?? it.evidence
            state = max(state, .rejected)
            rejectionClass = rejectionClass ?? it.rejectionClass
            proof = proof ?? it.proof
            taxonomy = taxonomy ?? it.failureTaxonomy
            fallbackAllowed = fallbackAllowed ?? it.fallbackAllowed
            answered(it.reply)
        case .attemptUnknown(let it):
            evidence = evidence ?? it.evidence
            state = max(state, .unknown)
            taxonomy = taxonomy ?? it.failureTaxonomy
            answered(it.reply)
        case .attemptResolved(let it): resolve(it)
        case .fallbackDecided(let it):
            if leftAdapter == nil, it.fromAdapter != .unknown { leftAdapter = it.fromAdapter }
            proof = proof ?? it.proof
            guard fallbackTo == nil else { return }
            fallbackTo = it.toAdapter
            fallbackReason = it.executionFallbackReason
        case .intentHeld, .intentReleased, .intentWithdrawn, .cancelRequested, .cancelConfirmed, .cancelRefused,
            .replaceRequested, .replaceDone, .replaceRefused, .idsDiverged:
            break
        }
        // Only what the columns keep, so that memory and table agree.
        if evidence != nil { leftAdapter = nil }
    }

    private mutating func resolve(_ it: AttemptResolved) {
        evidence = evidence ?? it.evidence
        switch it.resolution {
        case .live: state = max(state, .accepted)
        case .rejected: state = max(state, .rejected)
        case .notLive: state = max(state, .notLive)
        }
        reached(it.executionRoute, it.alpacaOrderID, it.status)
        proof = proof ?? it.proof
        guard resolution == nil else { return }
        resolution = it.resolution
        foundBy = it.foundBy
        resolutionActor = it.actor
    }

    private mutating func reached(_ way: ExecutionRoute?, _ id: BrokerOrderID?, _ status: BrokerWord?) {
        route = route ?? way
        alpaca = alpaca ?? id
        brokerStatus = brokerStatus ?? status
    }

    private mutating func answered(_ said: AdapterReply) {
        guard reply == nil else { return }
        reply = AdapterReply(
            httpStatus: said.httpStatus, code: said.code, reason: said.reason,
            latencyMicroseconds: said.latencyMicroseconds)
    }
}

extension RouteAttemptRow.Request {
    fileprivate init(_ it: AttemptPrepared) {
        operation = it.operation
        side = it.side
        qty = it.terms.qty
        notional = it.terms.notional
        limitPrice = it.terms.limitPrice
        stopPrice = it.terms.stopPrice
        hash = it.requestHash
        deadline = Moment(it.deadline)
        epoch = it.ownerEpoch
        policyHash = it.policyHash
        tradingMode = it.tradingMode
        address = it.address
    }
}
