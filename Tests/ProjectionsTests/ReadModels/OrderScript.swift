import Core
import Domain
import TestSupport
import Wire

@testable import Projections

/// Writes the events of one order by hand, one second apart.
struct OrderScript {
    var account = AccountLabel(trusted: "paper")
    var symbol = Symbol(trusted: "AAPL")
    var client: ClientOrderID
    var alpaca = BrokerOrderID(trusted: "broker-1")
    var hash: DecisionHash
    var seconds: Int64 = 0
    private var ids: UInt64 = 0

    init(_ number: UInt8 = 1) {
        hash = DecisionHash(digest: [UInt8](repeating: number, count: 32))
        client = ClientOrderID(trusted: "\(hash)")
        ids = UInt64(number) << 32
    }

    var intent: IntentID { EventMint.intentID(of: hash, account: account.text) }
    var name: OrderName { OrderName(client, scope) }
    var scope: SymbolScope {
        guard let scope = SymbolScope(envelope(0)) else { preconditionFailure("the script names both") }
        return scope
    }

    private func envelope(_ id: UInt64) -> Envelope {
        let time = Timestamp(nanoseconds: 1_770_878_100_000_000_123 + seconds * 1_000_000_000)
        return Envelope(
            eventID: EventID(high: id, low: id), eventTime: time, ingestTime: time, account: account, symbol: symbol,
            source: SourceName(trusted: "test"), correlation: StoryID(high: 1, low: 1))
    }

    mutating func event(_ content: DomainEvent) -> Event {
        ids += 1
        seconds += 1
        return Event(envelope(ids), content)
    }

    func key(_ attempt: Int64) -> AttemptKey {
        AttemptKey(
            intentID: intent, decisionHash: hash, clientOrderID: client,
            attemptID: EventMint.attemptID(of: intent, attempt: attempt), attempt: attempt)
    }

    func evidence(_ attempt: Int64, _ adapter: Adapter, _ reason: String? = nil) -> RouteEvidence {
        RouteEvidence(
            executionExpectedAdapter: .lean, executionAdapter: adapter,
            executionFallbackReason: reason.map { Code(trusted: $0) }, executionFallbackCount: attempt - 1,
            executionCorrelationID: CorrelationID(trusted: "call-\(attempt)"), executionIdempotencyKey: client)
    }

    var terms: OrderTerms { OrderTerms(qty: 10, orderType: .limit, timeInForce: .day, limitPrice: 190) }

    mutating func decided(bid: Amount = 100, ask: Amount = 102) -> Event {
        let quote = ReferenceQuote(
            bid: bid, ask: ask, bidSize: 1, askSize: 1, quoteTime: Timestamp(nanoseconds: 0),
            source: SourceName(trusted: "quotes"))
        return event(
            .decisions(
                .decisionRecorded(
                    DecisionRecorded(
                        decisionHash: hash, strategyID: StrategyID(trusted: "s1"), timeframe: .oneMinute,
                        action: .buy, terms: terms, identityParams: [], referenceQuote: quote))))
    }

    mutating func prepared(_ attempt: Int64 = 1, _ adapter: Adapter = .lean) -> Event {
        event(
            .route(
                .attemptPrepared(
                    AttemptPrepared(
                        key: key(attempt), evidence: evidence(attempt, adapter), operation: .submit,
                        strategyID: StrategyID(trusted: "s1"), side: .buy, terms: terms,
                        requestHash: ContentHash((1, 2, 3, 4)), deadline: Timestamp(nanoseconds: 0), ownerEpoch: 1,
                        tradingMode: .paper, policyHash: ContentHash((1, 2, 3, 4))))))
    }

    mutating func accepted(
        _ attempt: Int64 = 1, _ adapter: Adapter = .lean, reason: String? = nil, status: OrderStatus = .accepted
    ) -> Event {
        event(
            .route(
                .attemptAccepted(
                    AttemptAccepted(
                        key: key(attempt), evidence: evidence(attempt, adapter, reason),
                        executionRoute: adapter == .lean ? .lean : .leanToAlpaca, routeMarker: .lean,
                        alpacaOrderID: alpaca, status: status, side: .buy, terms: terms,
                        reply: AdapterReply(executionAuditJSON: CompactJSON(trusted: Array(#"{"a":1}"#.utf8))),
                        rawOrder: .emptyObject))))
    }

    mutating func unknown(_ attempt: Int64 = 1) -> Event {
        event(
            .route(
                .attemptUnknown(
                    AttemptUnknown(
                        key: key(attempt), evidence: evidence(attempt, .lean), failureTaxonomy: .timeout,
                        unknownSince: Timestamp(nanoseconds: 0), deadline: Timestamp(nanoseconds: 0),
                        reply: AdapterReply()))))
    }

    mutating func fellBack() -> Event {
        event(
            .route(
                .fallbackDecided(
                    FallbackDecided(
                        key: key(1), fromAdapter: .lean, toAdapter: .alpaca,
                        executionFallbackReason: Code(trusted: "lean_submit_order_timeout"),
                        executionFallbackCount: 1, proof: .neverConnected, attemptCount: 1,
                        nextAttemptID: key(2).attemptID,
                        degradation: Degradation(
                            failureTaxonomy: .timeout, windowSeconds: 1, windowRequests: 1, windowFailures: 1),
                        policyHash: ContentHash((1, 2, 3, 4))))))
    }

    /// An update of the stream; `change` makes it what it is.
    mutating func update(_ kind: String, _ change: (inout BrokerUpdateRecorded) -> Void = { _ in }) -> Event {
        var update = BrokerUpdateRecorded(
            eventFingerprint: ContentHash((1, 2, 3, UInt64(seconds))), sourceTopic: TopicName(trusted: "t"),
            sourcePartition: 0, sourceOffset: seconds, feedSeq: 500 - seconds, updateShape: .rawFrame,
            accountLabelOrigin: .laneDefault, eventType: BrokerWord(trusted: kind), alpacaOrderID: alpaca,
            clientOrderID: client, classification: .applied, rawEvent: .emptyObject)
        change(&update)
        return event(.orderEvents(.brokerUpdateRecorded(update)))
    }

    mutating func fill(
        _ id: String, _ qty: Amount, at price: Amount, kind: String = "partial_fill", brokerOnly: Bool = false
    ) -> Event {
        update(kind) { update in
            update.executionID = ExecutionID(trusted: id)
            update.fillQty = qty
            update.fillPrice = price
            update.positionQty = qty
            if brokerOnly { update.clientOrderID = nil }
        }
    }

    mutating func snapshot(_ status: String, filled: Amount? = nil) -> Event {
        event(
            .orderEvents(
                .orderSnapshotObserved(
                    OrderSnapshotObserved(
                        order: OrderKey(clientOrderID: client, alpacaOrderID: alpaca), observedBy: .getOrder,
                        observedAt: Timestamp(nanoseconds: 1_770_878_200_000_000_000),
                        status: BrokerWord(trusted: status), filledQty: filled, avgFillPrice: filled.map { _ in 7 },
                        executionExpectedAdapter: .lean, executionAdapter: .lean, rawOrder: .emptyObject))))
    }
}

extension FoldRig<Executions> {
    init(_ events: [Event]) {
        self.init()
        fold(events)
    }

    private func table(_ symbol: Symbol) -> Executions.Tables? {
        partitions[Murmur2Partitioner.partition(forKey: Array(symbol.text.utf8), of: 12)]
    }

    func order(_ script: OrderScript) -> ExecutionRow? {
        guard var table = table(script.symbol) else { return nil }
        table.orders.need(script.name)
        return table.orders[script.name]
    }

    func cost(_ script: OrderScript) -> ExecutionCostRow? {
        guard var table = table(script.symbol) else { return nil }
        table.costs.need(script.name)
        return table.costs[script.name]
    }

    func execution(_ id: String, of script: OrderScript) -> ExecutionFillRow? {
        guard var table = table(script.symbol) else { return nil }
        let key = ExecutionFillRow.Key(ExecutionID(trusted: id), script.scope)
        table.fills.need(key)
        return table.fills[key]
    }
}
