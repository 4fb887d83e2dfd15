internal import Core
internal import Domain

extension ReadModel {
    static let executionOrderEvents = ReadModel(
        name: "execution_order_events", ownership: TopicCatalog.decisions, inputs: [TopicCatalog.orderEvents],
        wants: [.orderEvents(.brokerUpdateRecorded)], tables: [.steps("execution_order_events")],
        rows: { told, _ in
            [
                "execution_order_events": told.compactMap { told in
                    guard case .orderEvents(.brokerUpdateRecorded(let update)) = told.event.content else { return nil }
                    return orderEvent(told, update)
                }
            ]
        })

    private static func orderEvent(_ told: Told, _ update: BrokerUpdateRecorded) -> NaiveRow {
        var row = NaiveRow()
        row.set("log_offset", told.position.offset)
        row.set("event_id", told.id)
        row.set("event_fingerprint", update.eventFingerprint)
        row.set("source_topic", update.sourceTopic)
        row.set("source_partition", update.sourcePartition)
        row.set("source_offset", update.sourceOffset)
        row.set("alpaca_account_label", told.account)
        row.set("account_label_origin", update.accountLabelOrigin)
        row.set("symbol", told.symbol)
        row.set("feed_seq", update.feedSeq)
        let time = update.brokerEventTime ?? told.envelope.eventTime
        row.set("event_ts", time)
        row.set("event_ts_ns", Instant.rest(of: time))
        row.set("alpaca_order_id", update.alpacaOrderID)
        row.set("client_order_id", update.clientOrderID)
        row.set("broker_execution_id", update.executionID)
        row.set("event_type", update.eventType)
        row.set("status", update.status)
        row.set("side", update.side)
        row.set("qty", update.qty)
        row.set("filled_qty", update.filledQty)
        row.set("avg_fill_price", update.avgFillPrice)
        row.set("fill_qty", update.fillQty)
        row.set("fill_price", update.fillPrice)
        row.set("position_qty", update.positionQty)
        row.set("filled_qty_delta", update.filledQtyDelta)
        row.set("fill_quantity_basis", update.fillQuantityBasis)
        row.set("replaces", update.replaces)
        row.set("replaced_by", update.replacedBy)
        row.set("update_shape", update.updateShape)
        row.set("classification", update.classification)
        row.set("classification_reason", update.classificationReason)
        row.set(
            "execution_id", update.clientOrderID.map { told.rowID("executions", $0.text, told.symbol.text) })
        row.set(
            "trade_decision_id",
            DecisionStory.decision(of: update).map { told.rowID("trade_decisions", $0, told.symbol.text) })
        row.set("raw_event", update.rawEvent)
        row.set("created_at", told.time)
        return row
    }
}
