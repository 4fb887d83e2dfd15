public import Core

/// A broker update, as the order feed classified it.
public struct BrokerUpdateRecorded: Payload {
    @inlinable public static var type: EventType { .orderEvents(.brokerUpdateRecorded) }

    public var eventFingerprint: ContentHash
    public var sourceTopic: TopicName
    public var sourcePartition: Int64
    public var sourceOffset: Int64
    public var feedSeq: Int64?
    public var updateShape: UpdateShape
    public var accountLabelOrigin: AccountOrigin
    public var eventType: BrokerWord?
    public var status: BrokerWord?
    public var brokerEventTime: Timestamp?
    public var alpacaOrderID: BrokerOrderID?
    public var clientOrderID: ClientOrderID?
    public var executionID: ExecutionID?
    public var side: Side?
    public var orderType: BrokerWord?
    public var timeInForce: BrokerWord?
    public var qty: Amount?
    public var notional: Amount?
    public var limitPrice: Amount?
    public var stopPrice: Amount?
    public var filledQty: Amount?
    public var avgFillPrice: Amount?
    public var fillQty: Amount?
    public var fillPrice: Amount?
    public var positionQty: Amount?
    public var filledQtyDelta: Amount?
    public var fillQuantityBasis: FillBasis?
    public var replaces: BrokerOrderID?
    public var replacedBy: BrokerOrderID?
    public var classification: UpdateClass
    public var classificationReason: Code?
    public var decisionHash: DecisionHash?
    public var intentID: IntentID?
    public var attemptID: AttemptID?
    public var rawEvent: CompactJSON

    @inlinable
    public init(
        eventFingerprint: ContentHash, sourceTopic: TopicName, sourcePartition: Int64, sourceOffset: Int64,
        feedSeq: Int64? = nil, updateShape: UpdateShape, accountLabelOrigin: AccountOrigin,
        eventType: BrokerWord? = nil, status: BrokerWord? = nil, brokerEventTime: Timestamp? = nil,
        alpacaOrderID: BrokerOrderID? = nil, clientOrderID: ClientOrderID? = nil, executionID: ExecutionID? = nil,
        side: Side? = nil, orderType: BrokerWord? = nil, timeInForce: BrokerWord? = nil, qty: Amount? = nil,
        notional: Amount? = nil, limitPrice: Amount? = nil, stopPrice: Amount? = nil, filledQty: Amount? = nil,
        avgFillPrice: Amount? = nil, fillQty: Amount? = nil, fillPrice: Amount? = nil, positionQty: Amount? = nil,
        filledQtyDelta: Amount? = nil, fillQuantityBasis: FillBasis? = nil, replaces: BrokerOrderID? = nil,
        replacedBy: BrokerOrderID? = nil, classification: UpdateClass, classificationReason: Code? = nil,
        decisionHash: DecisionHash? = nil, intentID: IntentID? = nil, attemptID: AttemptID? = nil, rawEvent: CompactJSON
    ) {
        self.eventFingerprint = eventFingerprint
        self.sourceTopic = sourceTopic
        self.sourcePartition = sourcePartition
        self.sourceOffset = sourceOffset
        self.feedSeq = feedSeq
        self.updateShape = updateShape
        self.accountLabelOrigin = accountLabelOrigin
        self.eventType = eventType
        self.status = status
        self.brokerEventTime = brokerEventTime
        self.alpacaOrderID = alpacaOrderID
        self.clientOrderID = clientOrderID
        self.executionID = executionID
        self.side = side
        self.orderType = orderType
        self.timeInForce = timeInForce
        self.qty = qty
        self.notional = notional
        self.limitPrice = limitPrice
        self.stopPrice = stopPrice
        self.filledQty = filledQty
        self.avgFillPrice = avgFillPrice
        self.fillQty = fillQty
        self.fillPrice = fillPrice
        self.positionQty = positionQty
        self.filledQtyDelta = filledQtyDelta
        self.fillQuantityBasis = fillQuantityBasis
        self.replaces = replaces
        self.replacedBy = replacedBy
        self.classification = classification
        self.classificationReason = classificationReason
        self.decisionHash = decisionHash
        self.intentID = intentID
        self.attemptID = attemptID
        self.rawEvent = rawEvent
    }

    @inlinable
    public init(unread: Unread) {
        eventFingerprint = unread()
        sourceTopic = unread()
        sourcePartition = unread()
        sourceOffset = unread()
        updateShape = unread()
        accountLabelOrigin = unread()
        classification = unread()
        rawEvent = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("event_fingerprint", &eventFingerprint, "What makes it the same update on every topic.")
        try fields.field("source_topic", &sourceTopic, "Where it was read.")
        try fields.field("source_partition", &sourcePartition, "Where it was read.")
        try fields.field("source_offset", &sourceOffset, "Where it was read.")
        try fields.field("feed_seq", &feedSeq, "The forwarder's number: restarts, so it orders nothing alone.")
        try fields.field("update_shape", &updateShape, "The shape it came in.")
        try fields.field("account_label_origin", &accountLabelOrigin, "Where its account label was found.")
        try fields.field(
            "event_type", &eventType, FieldNote("Alpaca's event; null for a bare order.", example: "partial_fill"))
        try fields.field("status", &status, FieldNote("Alpaca's order status.", example: "partially_filled"))
        try fields.field("broker_event_ts", &brokerEventTime, "Alpaca's time of the event.")
        try fields.field("alpaca_order_id", &alpacaOrderID, "The broker's id.")
        try fields.field("client_order_id", &clientOrderID, "The id the order was sent with.")
        try fields.field("execution_id", &executionID, "The slice's own id.")
        try fields.field("side", &side, "Buy or sell.")
        try fields.field("order_type", &orderType, "Alpaca's order type.")
        try fields.field("time_in_force", &timeInForce, "Alpaca's time in force.")
        try fields.field("qty", &qty, FieldNote("The order's quantity; null for an order by notional.", unit: "units"))
        try fields.field("notional", &notional, FieldNote("The order's notional.", unit: "currency"))
        try fields.field("limit_price", &limitPrice, FieldNote("Limit price.", unit: "currency per unit"))
        try fields.field("stop_price", &stopPrice, FieldNote("Stop price.", unit: "currency per unit"))
        try fields.field("filled_qty", &filledQty, FieldNote("Filled so far.", unit: "units"))
        try fields.field("avg_fill_price", &avgFillPrice, FieldNote("Average price so far.", unit: "currency per unit"))
        try fields.field("fill_qty", &fillQty, FieldNote("This slice.", unit: "units"))
        try fields.field("fill_price", &fillPrice, FieldNote("This slice's price.", unit: "currency per unit"))
        try fields.field("position_qty", &positionQty, FieldNote("The position afterwards, signed.", unit: "units"))
        try fields.field("filled_qty_delta", &filledQtyDelta, FieldNote("What this update adds.", unit: "units"))
        try fields.field("fill_quantity_basis", &fillQuantityBasis, "Where that comes from.")
        try fields.field("replaces", &replaces, "The order it replaces.")
        try fields.field("replaced_by", &replacedBy, "The order that replaces it.")
        try fields.field("classification", &classification, "What was made of it.")
        try fields.field("classification_reason", &classificationReason, "Why.")
        try fields.field("decision_hash", &decisionHash, "The decision it belongs to, if it is ours.")
        try fields.field("intent_id", &intentID, "The intent it belongs to.")
        try fields.field("attempt_id", &attemptID, "The attempt it belongs to.")
        try fields.field("raw_event", &rawEvent, "The whole message as it came.")
    }
}
