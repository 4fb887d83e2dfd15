internal import Core
internal import Domain

/// What one event says of which orders, before any row is looked at.
struct OrderReading {
    /// A slice that was executed, corrected or taken back.
    struct Report {
        enum Kind { case fill, correction, bust }

        let execution: ExecutionID
        let kind: Kind
        let slice: ExecutionFillRow.Slice?
        let alpaca: BrokerOrderID?
    }

    struct About {
        let client: ClientOrderID
        var facts: OrderFacts
        var route = RouteFacts()
    }

    struct Link {
        let alpaca: BrokerOrderID
        let client: ClientOrderID
        let rank: Int32
    }

    let scope: SymbolScope
    let saying: Saying
    let time: Moment
    /// Orders that the event names.
    var orders: [About] = []
    /// What it says of a broker's id alone.
    var brokers: [(alpaca: BrokerOrderID, facts: OrderFacts)] = []
    var links: [Link] = []
    var decisions: [(client: ClientOrderID, decision: ExecutionRow.Decision)] = []
    var report: Report?

    /// `nil` when the event is about no order.
    init?(_ event: Event) {
        guard let scope = SymbolScope(event.envelope) else { return nil }
        self.scope = scope
        let envelope = event.envelope
        time = Moment(envelope.eventTime)
        switch event.content {
        case .route(let route):
            saying = Saying(at: time, event: envelope.eventID)
            read(route)
        case .orderEvents(.brokerUpdateRecorded(let update)):
            guard update.classification != .foreign else { return nil }
            saying = Saying(at: update.moment(envelope), event: envelope.eventID)
            read(update)
        case .orderEvents(.orderSnapshotObserved(let snapshot)):
            saying = Saying(
                at: Moment(snapshot.brokerUpdatedAt ?? snapshot.observedAt), event: envelope.eventID)
            read(snapshot)
        default: return nil
        }
        guard !orders.isEmpty || !brokers.isEmpty else { return nil }
    }

    /// Facts that hold nothing yet but when the event happened.
    var blank: OrderFacts {
        var facts = OrderFacts()
        facts.createdAt = time
        facts.updatedAt = time
        return facts
    }

    /// Says the facts of the order that the event names, by our name if it has that, else by the broker's.
    mutating func say(_ facts: OrderFacts, of client: ClientOrderID?, _ alpaca: BrokerOrderID?) {
        guard let client else {
            if let alpaca { brokers.append((alpaca, facts)) }
            return
        }
        orders.append(About(client: client, facts: facts))
        if let alpaca { links.append(Link(alpaca: alpaca, client: client, rank: 1)) }
    }

    mutating func name(_ hash: DecisionHash?, rank: Int32, for client: ClientOrderID?) {
        guard let client else { return }
        if let hash {
            decisions.append((client, ExecutionRow.Decision(rank: rank, hash: hash)))
        } else if let hash = client.decisionHash {
            decisions.append((client, ExecutionRow.Decision(rank: 2, hash: hash)))
        }
    }

    /// A message about one order tells of its neighbours too.
    mutating func sayReplacing(_ alpaca: BrokerOrderID?, replaces: BrokerOrderID?, replacedBy: BrokerOrderID?) {
        guard let alpaca else { return }
        if let replaces {
            var facts = OrderFacts()
            facts.replacedBy = alpaca
            brokers.append((replaces, facts))
        }
        if let replacedBy {
            var facts = OrderFacts()
            facts.replaces = alpaca
            brokers.append((replacedBy, facts))
        }
    }
}
