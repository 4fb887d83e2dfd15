internal import Core
internal import Domain

/// A broker update as the order feed classified it.
public struct ExecutionOrderEventRow: StoredRow {
    public static let table = TableName(
        "execution_order_events", .transitions, "Every broker update as the order feed classified it.")

    public var key = LogOffset()
    var eventID = EventID(high: 0, low: 0)
    var account = AccountLabel.blank
    var symbol = Symbol.blank
    var at = Moment.zero
    var nanoseconds: Int32 = 0
    var createdAt = Moment.zero
    var executionID: RowID?
    var decisionID: RowID?
    var update: BrokerUpdateRecorded

    public init() { update = .nothing }

    init(_ update: BrokerUpdateRecorded, _ envelope: Envelope, _ scope: SymbolScope, at offset: Int64) {
        key = LogOffset(offset)
        eventID = envelope.eventID
        account = scope.account
        symbol = scope.symbol
        at = update.moment(envelope)
        nanoseconds = Moment.nanoseconds(of: update.brokerEventTime ?? envelope.eventTime)
        createdAt = Moment(envelope.eventTime)
        executionID = update.clientOrderID.map { RowNames.execution($0, scope.symbol, of: scope.account) }
        decisionID = update.knownDecision.map { RowNames.decision($0, scope.symbol, of: scope.account) }
        if update.classification == .foreign { decisionID = nil }
        self.update = update
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        try columns.column("event_id", &eventID, "The event.")
        try columns.text("event_fingerprint", &update.eventFingerprint, "The same update has the same everywhere.")
        try columns.text("source_topic", &update.sourceTopic, "Where the message was read.")
        try columns.column("source_partition", &update.sourcePartition, "Where the message was read.")
        try columns.column("source_offset", &update.sourceOffset, "Where the message was read.")
        try columns.text("alpaca_account_label", &account, "Whose account.")
        try columns.text("account_label_origin", &update.accountLabelOrigin, "Where that was found.")
        try columns.text("symbol", &symbol, "The symbol.")
        try columns.column("feed_seq", &update.feedSeq, "The forwarder's number: restarts, orders nothing.")
        try columns.column("event_ts", &at, "When it happened at the broker.")
        try columns.column("event_ts_ns", &nanoseconds, ColumnNote("What that leaves out.", unit: "nanoseconds"))
        try walkOrder(&columns)
        try columns.text("update_shape", &update.updateShape, "The shape it came in.")
        try columns.text("classification", &update.classification, "What was made of it.")
        try columns.text("classification_reason", &update.classificationReason, "Why.")
        try columns.column("execution_id", &executionID, "The order's row in executions.")
        try columns.column("trade_decision_id", &decisionID, "The decision's row.")
        try columns.column("raw_event", &update.rawEvent, "The whole message as it came.")
        try columns.column("created_at", &createdAt, "When it was recorded.")
    }

    private mutating func walkOrder<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.text("alpaca_order_id", &update.alpacaOrderID, "The broker's id.")
        try columns.text("client_order_id", &update.clientOrderID, "Our id.")
        try columns.text("broker_execution_id", &update.executionID, "The broker's id of the slice.")
        try columns.text("event_type", &update.eventType, "Alpaca's event.")
        try columns.text("status", &update.status, "Alpaca's status.")
        try columns.text("side", &update.side, "Buy or sell.")
        try columns.column("qty", &update.qty, ColumnNote("The order's quantity.", unit: "units"))
        try columns.column("filled_qty", &update.filledQty, ColumnNote("Filled so far.", unit: "units"))
        try columns.column(
            "avg_fill_price", &update.avgFillPrice, ColumnNote("At this price so far.", unit: "currency per unit"))
        try columns.column("fill_qty", &update.fillQty, ColumnNote("This slice.", unit: "units"))
        try columns.column("fill_price", &update.fillPrice, ColumnNote("Its price.", unit: "currency per unit"))
        try columns.column("position_qty", &update.positionQty, ColumnNote("The position then.", unit: "units"))
        try columns.column("filled_qty_delta", &update.filledQtyDelta, ColumnNote("What it adds.", unit: "units"))
        try columns.text("fill_quantity_basis", &update.fillQuantityBasis, "Where that comes from.")
        try columns.text("replaces", &update.replaces, "The order it replaces.")
        try columns.text("replaced_by", &update.replacedBy, "The order that replaces it.")
    }
}

extension BrokerUpdateRecorded {
    /// Holds the place of an update that is about to be read.
    fileprivate static let nothing = BrokerUpdateRecorded(
        eventFingerprint: ContentHash((0, 0, 0, 0)), sourceTopic: .blank, sourcePartition: 0, sourceOffset: 0,
        updateShape: .rawFrame, accountLabelOrigin: .laneDefault, classification: .applied, rawEvent: .emptyObject)
}
