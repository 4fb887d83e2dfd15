internal import Core
internal import Domain

/// What the router says; what the broker answered it carries no time of the broker's, so it counts as a reply.
extension OrderReading {
    mutating func read(_ event: Route) {
        switch event {
        case .attemptPrepared(let it): prepared(it)
        case .attemptSent(let it): attempt(it.key, it.evidence, step: nil)
        case .attemptAccepted(let it): accepted(it)
        case .attemptRejected(let it):
            attempt(it.key, it.evidence, step: RouteFacts.Step.settled) { [at = saying.at] about in
                if !it.fallbackAllowed { about.facts.say(.rejected, at: at, isReply: true) }
            }
        case .attemptUnknown(let it): attempt(it.key, it.evidence, step: RouteFacts.Step.unknown)
        case .attemptResolved(let it): resolved(it)
        case .fallbackDecided(let it): fellBack(it)
        case .intentWithdrawn(let it): withdrawn(it)
        case .cancelRequested(let it):
            var facts = blank
            facts.cancelRequestedAt = time
            say(facts, of: it.order.clientOrderID, it.order.alpacaOrderID)
            name(it.order.decisionHash, rank: 0, for: it.order.clientOrderID)
        case .cancelConfirmed(let it):
            var facts = blank
            facts.say(it.status.status, at: saying.at, isReply: true)
            if let qty = it.filledQty { facts.reported = OrderFacts.Reported(qty: qty, saying: saying) }
            facts.lastUpdateAt = saying.at
            say(facts, of: it.order.clientOrderID, it.order.alpacaOrderID)
            name(it.order.decisionHash, rank: 0, for: it.order.clientOrderID)
        case .replaceRequested(let it): replaceRequested(it)
        case .replaceDone(let it): replaceDone(it)
        case .intentHeld, .intentReleased, .cancelRefused, .replaceRefused, .idsDiverged: break
        }
    }

    /// An event of an attempt is about the order that the attempt carries.
    private mutating func attempt(
        _ key: AttemptKey, _ evidence: RouteEvidence?, step: Int32?, _ change: (inout About) -> Void = { _ in }
    ) {
        var about = About(client: key.clientOrderID, facts: blank)
        about.route.intent = key.intentID
        if let evidence {
            about.route.expected = RouteFacts.Expectation(
                said: AttemptSaying(attempt: key.attempt, saying: saying), adapter: evidence.executionExpectedAdapter,
                key: evidence.executionIdempotencyKey)
        }
        if let step { about.route.step = RouteFacts.Step(attempt: key.attempt, step: step) }
        change(&about)
        orders.append(about)
        name(key.decisionHash, rank: 0, for: key.clientOrderID)
    }

    private mutating func prepared(_ it: AttemptPrepared) {
        let said = AttemptSaying(attempt: it.key.attempt, saying: saying)
        let terms = OrderFacts.Terms(rank: 0, saying, it.side, it.terms)
        attempt(it.key, it.evidence, step: RouteFacts.Step.prepared) { about in
            about.facts.terms = terms
            about.route.strategy = it.strategyID
            about.route.visit = RouteFacts.Visit(said: said, adapter: it.evidence.executionAdapter)
            about.route.replacesClient = it.replacesClientOrderID
        }
    }

    private mutating func accepted(_ it: AttemptAccepted) {
        let (saying, said) = (saying, AttemptSaying(attempt: it.key.attempt, saying: saying))
        attempt(it.key, it.evidence, step: RouteFacts.Step.settled) { about in
            about.facts.say(it.status, at: saying.at, isReply: true)
            about.facts.terms = OrderFacts.Terms(rank: 2, saying, it.side, it.terms)
            if let qty = it.filledQty {
                about.facts.reported = OrderFacts.Reported(qty: qty, price: it.filledAvgPrice, saying: saying)
            }
            about.facts.rawOrder = OrderFacts.RawOrder(order: it.rawOrder, saying: saying)
            about.facts.lastUpdateAt = saying.at
            about.route.taking = RouteFacts.Taking(
                said: said, it.evidence, route: it.executionRoute, audit: it.reply.executionAuditJSON)
            about.route.fallbackCount = max(0, it.evidence.executionFallbackCount)
        }
        links.append(Link(alpaca: it.alpacaOrderID, client: it.key.clientOrderID, rank: 0))
    }

    private mutating func resolved(_ it: AttemptResolved) {
        let (saying, said) = (saying, AttemptSaying(attempt: it.key.attempt, saying: saying))
        attempt(it.key, it.evidence, step: RouteFacts.Step.settled) { about in
            about.facts.lastUpdateAt = saying.at
            if let order = it.rawOrder { about.facts.rawOrder = OrderFacts.RawOrder(order: order, saying: saying) }
            switch it.resolution {
            case .live:
                about.facts.say(it.status?.status, at: saying.at, isReply: true)
                about.route.taking = RouteFacts.Taking(said: said, it.evidence, route: it.executionRoute, audit: nil)
                about.route.fallbackCount = max(0, it.evidence.executionFallbackCount)
            case .rejected: about.facts.say(.rejected, at: saying.at, isReply: true)
            case .notLive: break
            }
        }
        if let alpaca = it.alpacaOrderID {
            links.append(Link(alpaca: alpaca, client: it.key.clientOrderID, rank: 0))
        }
    }

    private mutating func fellBack(_ it: FallbackDecided) {
        let said = AttemptSaying(attempt: it.key.attempt, saying: saying)
        attempt(it.key, nil, step: nil) { about in
            about.route.fallback = RouteFacts.Fallback(said: said, reason: it.executionFallbackReason)
            about.route.fallbackCount = max(0, it.executionFallbackCount)
        }
    }

    private mutating func withdrawn(_ it: IntentWithdrawn) {
        guard it.attemptCount != 0 else { return }
        var about = About(client: it.clientOrderID, facts: blank)
        about.facts.say(it.withdrawalReason.status, at: saying.at, isReply: true)
        about.route.intent = it.intentID
        orders.append(about)
        name(it.decisionHash, rank: 0, for: it.clientOrderID)
    }

    private mutating func replaceRequested(_ it: ReplaceRequested) {
        say(blank, of: it.order.clientOrderID, it.order.alpacaOrderID)
        name(it.order.decisionHash, rank: 0, for: it.order.clientOrderID)
        var new = About(client: it.newClientOrderID, facts: blank)
        new.facts.terms = OrderFacts.Terms(rank: 1, saying, it.side, it.terms)
        new.route.replacesClient = it.order.clientOrderID
        orders.append(new)
        name(it.order.decisionHash, rank: 0, for: it.newClientOrderID)
    }

    private mutating func replaceDone(_ it: ReplaceDone) {
        var old = blank
        old.say(.replaced, at: saying.at, isReply: true)
        old.replacedBy = it.newAlpacaOrderID
        old.lastUpdateAt = saying.at
        say(old, of: it.order.clientOrderID, it.order.alpacaOrderID)
        if it.order.clientOrderID != nil { orders[0].route.replacedByClient = it.newClientOrderID }
        name(it.order.decisionHash, rank: 0, for: it.order.clientOrderID)
        var new = About(client: it.newClientOrderID, facts: blank)
        new.facts.say(it.status, at: saying.at, isReply: true)
        new.facts.replaces = it.order.alpacaOrderID
        new.facts.rawOrder = OrderFacts.RawOrder(order: it.rawOrder, saying: saying)
        new.facts.lastUpdateAt = saying.at
        new.route.replacesClient = it.order.clientOrderID
        orders.append(new)
        links.append(Link(alpaca: it.newAlpacaOrderID, client: it.newClientOrderID, rank: 0))
        name(it.order.decisionHash, rank: 0, for: it.newClientOrderID)
    }
}

extension OrderFacts.Terms {
    fileprivate init(rank: Int32, _ saying: Saying, _ side: Side, _ terms: OrderTerms) {
        self.init(
            rank: rank, saying: saying, side: side, orderType: BrokerWord(trusted: terms.orderType.rawValue),
            timeInForce: BrokerWord(trusted: terms.timeInForce.rawValue), qty: terms.qty, notional: terms.notional,
            limitPrice: terms.limitPrice, stopPrice: terms.stopPrice)
    }
}

extension RouteFacts.Taking {
    fileprivate init(said: AttemptSaying, _ evidence: RouteEvidence, route: ExecutionRoute?, audit: CompactJSON?) {
        self.init(
            said: said, adapter: evidence.executionAdapter, route: route,
            fallbackReason: evidence.executionFallbackReason, correlation: evidence.executionCorrelationID,
            audit: audit)
    }
}
