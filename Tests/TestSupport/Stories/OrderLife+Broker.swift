import Core
import Domain
import Wire

/// The broker's books for one order.
struct BrokerSide {
    var client: ClientOrderID
    var alpaca: BrokerOrderID
    var qty: Amount
    var filled: Amount = .zero
    /// Sum of quantity times price, in hundredths.
    var cents: Int128 = 0
    var replaces: BrokerOrderID?
    var slices: [(id: ExecutionID, qty: Amount, price: Amount)] = []

    var average: Amount? {
        let units = filled.units / Amount.unitsPerOne
        return units == 0 ? nil : Amount(units: cents * 10_000_000 / units)
    }

    init(client: ClientOrderID, alpaca: BrokerOrderID, qty: Amount) {
        self.client = client
        self.alpaca = alpaca
        self.qty = qty
    }
}

extension OrderLife {
    /// What the broker makes of an order that it has.
    mutating func trade(_ alpaca: BrokerOrderID, adapter: Adapter) {
        var broker = BrokerSide(client: client, alpaca: alpaca, qty: qty)
        if chance(90) { update(&broker, "new") }
        switch random.next() % 20 {
        case 0: update(&broker, "rejected")
        case 1: update(&broker, "expired")
        case 2, 3: cancel(&broker, adapter)
        case 4: replace(&broker, adapter)
        case 5: fillUnseen(&broker)
        default: fillWhole(&broker)
        }
        if chance(4) { bust(&broker) }
        if chance(4) { correct(&broker) }
        if chance(15) { observe(broker, status: broker.filled == broker.qty ? "filled" : "partially_filled") }
        if chance(3) { disagree(broker) }
    }

    mutating func fillWhole(_ broker: inout BrokerSide) {
        for left in stride(from: 1 + Int64(random.next() % 3), through: 1, by: -1) {
            fill(&broker, part: left)
            if chance(8) { twin() }
        }
    }

    /// One of `part` slices that are left.
    mutating func fill(_ broker: inout BrokerSide, part: Int64) {
        let rest = broker.qty.units - broker.filled.units
        let whole = rest / Amount.unitsPerOne
        let slice = part <= 1 ? whole : max(1, whole / Int128(part))
        guard slice > 0 else { return }
        let cents = cents + Int64(random.next() % 7) - 3
        broker.filled = Amount(units: broker.filled.units + slice * Amount.unitsPerOne)
        broker.cents += slice * Int128(cents)
        let id = ExecutionID(trusted: "\(eventID())")
        broker.slices.append((id, Amount(units: slice * Amount.unitsPerOne), Self.price(cents)))
        let isLast = broker.filled == broker.qty
        update(&broker, isLast ? "fill" : "partial_fill", status: isLast ? "filled" : "partially_filled") { update in
            update.executionID = id
            update.fillQty = Amount(units: slice * Amount.unitsPerOne)
            update.fillPrice = Self.price(cents)
            update.positionQty = update.filledQty
        }
    }

    /// The stream slept: only a later look shows the fill.
    private mutating func fillUnseen(_ broker: inout BrokerSide) {
        broker.filled = broker.qty
        broker.cents = broker.qty.units / Amount.unitsPerOne * Int128(cents)
        observe(broker, status: "filled")
    }

    private mutating func cancel(_ broker: inout BrokerSide, _ adapter: Adapter) {
        if chance(60) { fill(&broker, part: 3) }
        let order = OrderKey(
            intentID: intent, decisionHash: hash, clientOrderID: chance(80) ? client : nil, alpacaOrderID: broker.alpaca
        )
        let id = eventID()
        append(
            .route(
                .cancelRequested(
                    CancelRequested(
                        order: order, cancelID: id, cancelReason: .byOperator, executionAdapter: adapter,
                        executionCorrelationID: CorrelationID(trusted: "cancel-\(id)"),
                        actor: ActorName(trusted: "ops"), reason: Self.prose("too slow")))), from: "router")
        update(&broker, "pending_cancel")
        if chance(30) { fill(&broker, part: 2) }  // A fill that overtakes the cancel.
        update(&broker, "canceled")
        append(
            .route(
                .cancelConfirmed(
                    CancelConfirmed(
                        order: order, cancelID: id, executionAdapter: adapter, status: BrokerWord(trusted: "canceled"),
                        filledQty: broker.filled, confirmedBy: .updateStream, canceledAt: now, reply: AdapterReply()))),
            from: "router")
    }

    private mutating func replace(_ old: inout BrokerSide, _ adapter: Adapter) {
        if chance(50) { fill(&old, part: 4) }
        var new = BrokerSide(
            client: ClientOrderID(trusted: "\(hash)-r1"), alpaca: BrokerOrderID(trusted: "\(eventID())"),
            qty: Amount(units: old.qty.units - old.filled.units))
        let order = OrderKey(intentID: intent, decisionHash: hash, clientOrderID: client, alpacaOrderID: old.alpaca)
        let id = eventID()
        append(
            .route(
                .replaceRequested(
                    ReplaceRequested(
                        order: order, replaceID: id, newClientOrderID: new.client, side: side, terms: terms,
                        executionAdapter: adapter, executionCorrelationID: CorrelationID(trusted: "replace-\(id)"),
                        deadline: now, ownerEpoch: 3))), from: "router")
        let (replaced, successor) = (old.alpaca, new.alpaca)
        new.replaces = replaced
        update(&old, "replaced") { $0.replacedBy = successor }
        if chance(70) {
            append(
                .route(
                    .replaceDone(
                        ReplaceDone(
                            order: order, replaceID: id, newClientOrderID: new.client, newAlpacaOrderID: new.alpaca,
                            executionAdapter: adapter, status: .accepted, reply: AdapterReply(httpStatus: 200),
                            rawOrder: CompactJSON(trusted: Array(#"{"id":"\#(new.alpaca)"}"#.utf8))))), from: "router")
        }
        update(&new, "new")
        fillWhole(&new)
    }

    private mutating func bust(_ broker: inout BrokerSide) {
        guard let slice = broker.slices.first else { return }
        update(&broker, "trade_bust") { $0.executionID = slice.id }
    }

    private mutating func correct(_ broker: inout BrokerSide) {
        guard let slice = broker.slices.last else { return }
        let price = Amount(units: slice.price.units + 10_000_000)
        update(&broker, "trade_correct") { update in
            update.executionID = slice.id
            update.fillQty = slice.qty
            update.fillPrice = price
        }
    }

    /// The other forwarder tells the same.
    private mutating func twin() {
        guard let last = events.last, case .orderEvents(.brokerUpdateRecorded(var twin)) = last.content else { return }
        twin.sourceTopic = TopicName(trusted: "torghut.trade-updates.v2")
        twin.classification = .duplicate
        if chance(50) { twin.clientOrderID = nil }
        append(.orderEvents(.brokerUpdateRecorded(twin)), from: "order-feed")
    }
}

extension OrderLife {
    mutating func update(
        _ broker: inout BrokerSide, _ event: StaticString, status: StaticString? = nil,
        _ change: (inout BrokerUpdateRecorded) -> Void = { _ in }
    ) {
        let word: StaticString
        switch "\(event)" {
        case "trade_bust", "trade_correct": word = broker.filled == broker.qty ? "filled" : "partially_filled"
        default: word = status ?? event
        }
        let offset = Int64(random.next() % 1_000_000)
        var update = BrokerUpdateRecorded(
            eventFingerprint: EventMint.content(Array("\(broker.alpaca)\(event)\(events.count)".utf8)),
            sourceTopic: TopicName(trusted: "torghut.trade-updates.v1"), sourcePartition: 1, sourceOffset: offset,
            feedSeq: offset % 997, updateShape: .rawFrame, accountLabelOrigin: .envelopeAccountLabel,
            eventType: BrokerWord(trusted: "\(event)"), status: BrokerWord(trusted: "\(word)"),
            brokerEventTime: chance(95) ? now : nil, alpacaOrderID: broker.alpaca, clientOrderID: broker.client,
            side: side, orderType: BrokerWord(trusted: "limit"), timeInForce: BrokerWord(trusted: "day"),
            qty: broker.qty, limitPrice: terms.limitPrice, filledQty: broker.filled, avgFillPrice: broker.average,
            replaces: broker.replaces, classification: .applied,
            rawEvent: CompactJSON(
                trusted: Array(
                    #"{"event":"\#(event)","order":{"id":"\#(broker.alpaca)","client_order_id":"\#(broker.client)"}}"#
                        .utf8)))
        change(&update)
        // Some messages carry the broker's id alone.
        if chance(5) {
            update.clientOrderID = nil
            update.classification = .unlinked
        }
        if chance(1) { update.classification = .foreign }
        append(.orderEvents(.brokerUpdateRecorded(update)), from: "order-feed")
        if chance(4) { repeatLast() }
    }

    mutating func observe(_ broker: BrokerSide, status: StaticString) {
        append(
            .orderEvents(
                .orderSnapshotObserved(
                    OrderSnapshotObserved(
                        order: OrderKey(
                            decisionHash: hash, clientOrderID: chance(70) ? broker.client : nil,
                            alpacaOrderID: broker.alpaca), observedBy: .getOrder,
                        observedAt: now, status: BrokerWord(trusted: "\(status)"), side: side,
                        orderType: BrokerWord(trusted: "limit"), timeInForce: BrokerWord(trusted: "day"),
                        qty: broker.qty, filledQty: broker.filled, avgFillPrice: broker.average,
                        brokerUpdatedAt: chance(50) ? now : nil, replaces: broker.replaces,
                        executionExpectedAdapter: .lean, executionAdapter: .lean,
                        rawOrder: CompactJSON(
                            trusted: Array(#"{"id":"\#(broker.alpaca)","status":"\#(status)"}"#.utf8))))),
            from: "reconciler")
    }

    private mutating func disagree(_ broker: BrokerSide) {
        let (id, key) = (eventID(), OrderKey(decisionHash: hash, clientOrderID: broker.client))
        append(
            .orderEvents(
                .discrepancyFound(
                    DiscrepancyFound(
                        discrepancyID: id, kind: .filledQtyMismatch, severity: .warning, order: key,
                        expected: Self.prose("\(broker.qty)"), observed: Self.prose("\(broker.filled)"),
                        difference: Amount(units: broker.qty.units - broker.filled.units),
                        detectedBy: Code(trusted: "reconciler.fills")))), from: "reconciler")
        guard chance(70) else { return }
        append(
            .orderEvents(
                .discrepancyResolved(
                    DiscrepancyResolved(
                        discrepancyID: id, kind: .filledQtyMismatch, order: key, resolution: .selfResolved))),
            from: "reconciler")
    }
}
