internal import Core
internal import Domain

/// What one event says of one order; an event of a replacement says something of two.
struct OrderSaying {
    /// The order's own id, or a broker's id when the event names only that.
    enum About: Hashable {
        case client(ClientOrderID)
        case broker(BrokerOrderID)
    }

    /// A value of one attempt; several are ordered by attempt, moment and event.
    struct OfAttempt<Value> {
        let attempt: Int64
        let value: Value
    }

    struct Terms {
        let rank: Int
        let side: Side
        let orderType: String
        let timeInForce: String?
        let qty: Amount?
        let notional: Amount?
        let limitPrice: Amount?
        let stopPrice: Amount?
    }

    struct Feed {
        let seq: Int64?
    }

    struct Taking {
        let evidence: RouteEvidence
        let route: ExecutionRoute?
        let audit: CompactJSON?
    }

    let about: About
    let id: EventID
    let time: Instant
    let moment: Instant
    /// False for what is said of a broker's id by an event about another order.
    var isAboutOrder = true

    var link: (broker: BrokerOrderID, rank: Int)?
    var decision: (rank: Int, hash: String)?
    var strategy: StrategyID?
    var intent: IntentID?
    var terms: Terms?
    var word: String?
    var step: OfAttempt<Int>?
    var reported: (qty: Amount, price: Amount?)?
    var expected: OfAttempt<RouteEvidence>?
    var taking: OfAttempt<Taking>?
    var placed: OfAttempt<Adapter>?
    var fallback: OfAttempt<FallbackDecided>?
    var replaces: BrokerOrderID?
    var replacedBy: BrokerOrderID?
    var replacesClient: ClientOrderID?
    var replacedByClient: ClientOrderID?
    var isCancelRequest = false
    var rawOrder: CompactJSON?
    var isUpdate = false
    var reconciled: Instant?
    var feed: Feed?
    var report: FillReport?

    /// What the broker answered us, and did not report himself.
    var isReply: Bool { feed == nil && reconciled == nil }

    init(_ told: Told, about: About) {
        self.about = about
        (id, time, moment) = (told.id, told.time, told.moment)
    }

    /// `nil` when the event names no order.
    init?(_ told: Told, _ client: ClientOrderID?, _ broker: BrokerOrderID?, linking: Bool = true) {
        if let client {
            self.init(told, about: .client(client))
            if linking { link = broker.map { ($0, 1) } }
        } else if let broker {
            self.init(told, about: .broker(broker))
        } else {
            return nil
        }
    }

    /// A decision that the event names itself, else the one that the order's id begins with.
    mutating func name(_ hash: DecisionHash?, rank: Int) {
        guard case .client(let client) = about else { return }
        decision = hash.map { (rank, "\($0)") } ?? DecisionStory.decision(in: client).map { (2, $0) }
    }
}

extension OrderSaying {
    /// Everything that an event says of orders.
    static func sayings(of told: Told) -> [OrderSaying] {
        switch told.event.content {
        case .route(.fallbackDecided(let event)):
            var saying = attempt(told, event.key)
            saying.fallback = OfAttempt(attempt: event.key.attempt, value: event)
            return [saying]
        case .route(.intentWithdrawn(let event)):
            guard event.attemptCount != 0 else { return [] }
            var saying = OrderSaying(told, about: .client(event.clientOrderID))
            saying.name(event.decisionHash, rank: 0)
            saying.intent = event.intentID
            saying.word = BrokerSaying.word(of: told)
            return [saying]
        case .route(.cancelRequested(let event)):
            guard var saying = order(told, event.order) else { return [] }
            saying.isCancelRequest = true
            return [saying]
        case .route(.cancelConfirmed(let event)):
            guard var saying = order(told, event.order) else { return [] }
            saying.word = BrokerSaying.word(of: told)
            saying.reported = event.filledQty.map { ($0, nil) }
            saying.isUpdate = true
            return [saying]
        case .route(.replaceRequested(let event)): return sayings(of: told, event)
        case .route(.replaceDone(let event)): return sayings(of: told, event)
        case .orderEvents(.brokerUpdateRecorded(let event)): return sayings(of: told, event)
        case .orderEvents(.orderSnapshotObserved(let event)): return sayings(of: told, event)
        default: return attemptEvent(told).map { [$0] } ?? []
        }
    }

    private static func attempt(_ told: Told, _ key: AttemptKey) -> OrderSaying {
        var saying = OrderSaying(told, about: .client(key.clientOrderID))
        saying.name(key.decisionHash, rank: 0)
        saying.intent = key.intentID
        return saying
    }

    private static func order(_ told: Told, _ order: OrderKey) -> OrderSaying? {
        guard var saying = OrderSaying(told, order.clientOrderID, order.alpacaOrderID) else { return nil }
        saying.name(order.decisionHash, rank: 0)
        return saying
    }

    /// The six events that have evidence.
    private static func attemptEvent(_ told: Told) -> OrderSaying? {
        guard let (key, evidence) = RouteStory.evidence(of: told), case .route(let route) = told.event.content else {
            return nil
        }
        var saying = attempt(told, key)
        saying.expected = OfAttempt(attempt: key.attempt, value: evidence)
        saying.word = BrokerSaying.word(of: told)
        var taking: Taking?
        switch route {
        case .attemptPrepared(let event):
            saying.step = OfAttempt(attempt: key.attempt, value: 0)
            saying.strategy = event.strategyID
            saying.terms = terms(0, event.side, event.terms)
            saying.placed = OfAttempt(attempt: key.attempt, value: evidence.executionAdapter)
            saying.replacesClient = event.replacesClientOrderID
        case .attemptUnknown: saying.step = OfAttempt(attempt: key.attempt, value: 1)
        case .attemptRejected: saying.step = OfAttempt(attempt: key.attempt, value: 2)
        case .attemptAccepted(let event):
            saying.step = OfAttempt(attempt: key.attempt, value: 2)
            saying.link = (event.alpacaOrderID, 0)
            saying.terms = terms(2, event.side, event.terms)
            saying.reported = event.filledQty.map { ($0, event.filledAvgPrice) }
            taking = Taking(evidence: evidence, route: event.executionRoute, audit: event.reply.executionAuditJSON)
            saying.rawOrder = event.rawOrder
            saying.isUpdate = true
        case .attemptResolved(let event):
            saying.step = OfAttempt(attempt: key.attempt, value: 2)
            saying.link = event.alpacaOrderID.map { ($0, 0) }
            if event.resolution == .live {
                taking = Taking(evidence: evidence, route: event.executionRoute, audit: nil)
            }
            saying.rawOrder = event.rawOrder
            saying.isUpdate = true
        default: break
        }
        saying.taking = taking.map { OfAttempt(attempt: key.attempt, value: $0) }
        return saying
    }

    private static func terms(_ rank: Int, _ side: Side, _ terms: OrderTerms) -> Terms {
        Terms(
            rank: rank, side: side, orderType: terms.orderType.rawValue, timeInForce: terms.timeInForce.rawValue,
            qty: terms.qty, notional: terms.notional, limitPrice: terms.limitPrice, stopPrice: terms.stopPrice)
    }
}

/// Replacements: each is about the old order, if it names one, and about the new one.
extension OrderSaying {
    private static func sayings(of told: Told, _ event: ReplaceRequested) -> [OrderSaying] {
        var new = OrderSaying(told, about: .client(event.newClientOrderID))
        new.name(event.order.decisionHash, rank: 0)
        new.terms = terms(1, event.side, event.terms)
        new.replacesClient = event.order.clientOrderID
        return [order(told, event.order), new].compactMap(\.self)
    }

    private static func sayings(of told: Told, _ event: ReplaceDone) -> [OrderSaying] {
        var old = order(told, event.order)
        old?.word = "replaced"
        old?.replacedBy = event.newAlpacaOrderID
        // Only for the order it names: of a broker's id this is not kept.
        if event.order.clientOrderID != nil { old?.replacedByClient = event.newClientOrderID }
        old?.isUpdate = true
        var new = OrderSaying(told, about: .client(event.newClientOrderID))
        new.name(event.order.decisionHash, rank: 0)
        new.link = (event.newAlpacaOrderID, 0)
        new.word = BrokerSaying.counted(event.status.rawValue)
        new.replaces = event.order.alpacaOrderID
        new.replacesClient = event.order.clientOrderID
        new.rawOrder = event.rawOrder
        new.isUpdate = true
        return [old, new].compactMap(\.self)
    }
}

/// What the broker says.
extension OrderSaying {
    private static func sayings(of told: Told, _ event: BrokerUpdateRecorded) -> [OrderSaying] {
        guard event.classification != .foreign,
            var saying = OrderSaying(told, event.clientOrderID, event.alpacaOrderID)
        else { return [] }
        saying.name(event.decisionHash, rank: 1)
        if let side = event.side, let type = event.orderType {
            saying.terms = Terms(
                rank: 4, side: side, orderType: type.text, timeInForce: event.timeInForce?.text, qty: event.qty,
                notional: event.notional, limitPrice: event.limitPrice, stopPrice: event.stopPrice)
        }
        saying.word = BrokerSaying.word(of: told)
        saying.reported = event.filledQty.map { ($0, event.avgFillPrice) }
        (saying.replaces, saying.replacedBy) = (event.replaces, event.replacedBy)
        saying.isUpdate = true
        saying.feed = Feed(seq: event.feedSeq)
        saying.report = FillReport(told, event, about: saying.about)
        return [saying] + replacing(told, event.alpacaOrderID, event.replaces, event.replacedBy)
    }

    private static func sayings(of told: Told, _ event: OrderSnapshotObserved) -> [OrderSaying] {
        guard var saying = OrderSaying(told, event.order.clientOrderID, event.order.alpacaOrderID) else { return [] }
        saying.name(event.order.decisionHash, rank: 1)
        if let side = event.side, let type = event.orderType {
            saying.terms = Terms(
                rank: 3, side: side, orderType: type.text, timeInForce: event.timeInForce?.text, qty: event.qty,
                notional: event.notional, limitPrice: event.limitPrice, stopPrice: event.stopPrice)
        }
        saying.word = BrokerSaying.word(of: told)
        saying.reported = event.filledQty.map { ($0, event.avgFillPrice) }
        (saying.replaces, saying.replacedBy) = (event.replaces, event.replacedBy)
        saying.rawOrder = event.rawOrder
        saying.isUpdate = true
        saying.reconciled = Instant(event.observedAt)
        return [saying] + replacing(told, event.order.alpacaOrderID, event.replaces, event.replacedBy)
    }

    /// What an order's own words about replacing say of the other order, which is known by the broker's id alone.
    private static func replacing(
        _ told: Told, _ own: BrokerOrderID?, _ replaces: BrokerOrderID?, _ replacedBy: BrokerOrderID?
    ) -> [OrderSaying] {
        guard let own else { return [] }
        var sayings: [OrderSaying] = []
        if let replaces {
            var saying = OrderSaying(told, about: .broker(replaces))
            saying.isAboutOrder = false
            saying.replacedBy = own
            sayings.append(saying)
        }
        if let replacedBy {
            var saying = OrderSaying(told, about: .broker(replacedBy))
            saying.isAboutOrder = false
            saying.replaces = own
            sayings.append(saying)
        }
        return sayings
    }
}
