import Core
import Domain
import Wire

/// Events about the orders of one symbol, told by hand: each one second after the one before.
struct OrderTale {
    var tale = Tale()
    var account = "paper"
    let symbol = "AAPL"
    private var number: UInt64 = 0

    init() {}

    static let hash = String(repeating: "a", count: 64)

    mutating func envelope() throws -> Envelope {
        number += 1
        let time = Timestamp(nanoseconds: 1_770_000_000_000_000_000 + Int64(number) * 1_000_000_000)
        return Envelope(
            eventID: EventID(high: 0x8000, low: number), eventTime: time, ingestTime: time,
            account: try AccountLabel(account), symbol: try Symbol(symbol), source: try SourceName("test"),
            correlation: StoryID(high: 1, low: 1))
    }

    @discardableResult
    mutating func tell(_ content: DomainEvent) throws -> RecordPosition { tale.tell(Event(try envelope(), content)) }

    mutating func decide(bid: Amount, ask: Amount) throws {
        let now = Timestamp(nanoseconds: 1_770_000_000_000_000_000)
        try tell(
            .decisions(
                .decisionRecorded(
                    DecisionRecorded(
                        decisionHash: try hash(), strategyID: try StrategyID("tsmom"), timeframe: .oneMinute,
                        action: .buy, terms: OrderTerms(qty: 10, orderType: .limit, timeInForce: .day),
                        identityParams: [],
                        referenceQuote: ReferenceQuote(
                            bid: bid, ask: ask, bidSize: 1, askSize: 1, quoteTime: now, source: try SourceName("sip"))
                    ))))
    }

    func hash<Kind: Sendable>() throws -> Hash256<Kind> { try unsafe Hash256.read(Self.hash.utf8.span.bytes) }

    @discardableResult
    mutating func update(
        client: String? = nil, broker: String? = nil, type: String? = nil, status: String? = nil,
        execution: String? = nil, qty: Amount? = nil, price: Amount? = nil, filled: Amount? = nil, side: Side? = nil,
        classification: UpdateClass = .applied
    ) throws -> RecordPosition {
        try tell(
            .orderEvents(
                .brokerUpdateRecorded(
                    BrokerUpdateRecorded(
                        eventFingerprint: try hash(), sourceTopic: try TopicName("torghut.trade-updates.v1"),
                        sourcePartition: 0, sourceOffset: 1, updateShape: .envelopeSnakeCase,
                        accountLabelOrigin: .payloadAccountLabel, eventType: try type.map { try BrokerWord($0) },
                        status: try status.map { try BrokerWord($0) },
                        alpacaOrderID: try broker.map { try BrokerOrderID($0) },
                        clientOrderID: try client.map { try ClientOrderID($0) },
                        executionID: try execution.map { try ExecutionID($0) }, side: side,
                        orderType: try side.map { _ in try BrokerWord("limit") }, qty: side == nil ? nil : 10,
                        filledQty: filled, fillQty: qty, fillPrice: price, classification: classification,
                        rawEvent: .emptyObject))))
    }
}
