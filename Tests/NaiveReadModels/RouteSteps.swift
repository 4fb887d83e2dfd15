internal import Core
internal import Domain

extension RouteStory {
    /// One step of the table of steps.
    static func step(_ told: Told) -> NaiveRow {
        var row = NaiveRow()
        row.set("log_offset", told.position.offset)
        row.set("event_id", told.id)
        row.set("event_type", text: told.event.content.type.name)
        row.set("alpaca_account_label", told.account)
        row.set("symbol", told.symbol)
        setIDs(&row, of: told)
        row.set("event_ts", told.time)
        row.set("event_ts_ns", Instant.rest(of: told.envelope.eventTime))
        row.set("details_json", text: told.payload)
        return row
    }

    private static func setIDs(_ row: inout NaiveRow, of told: Told) {
        row.set(
            nulls: "intent_id", "decision_hash", "client_order_id", "alpaca_order_id", "attempt_id", "attempt")
        if let key = key(of: told) {
            row.set("intent_id", key.intentID)
            row.set("decision_hash", key.decisionHash)
            row.set("client_order_id", key.clientOrderID)
            row.set("attempt_id", key.attemptID)
            row.set("attempt", key.attempt)
        }
        guard case .route(let route) = told.event.content else { return }
        switch route {
        case .attemptAccepted(let event): row.set("alpaca_order_id", event.alpacaOrderID)
        case .attemptResolved(let event): row.set("alpaca_order_id", event.alpacaOrderID)
        case .intentHeld(let event):
            set(&row, event.intentID, event.decisionHash, event.clientOrderID)
            row.set("attempt_id", event.attemptID)
        case .intentReleased(let event): set(&row, event.intentID, event.decisionHash, event.clientOrderID)
        case .intentWithdrawn(let event): set(&row, event.intentID, event.decisionHash, event.clientOrderID)
        case .cancelRequested(let event): set(&row, event.order)
        case .cancelConfirmed(let event): set(&row, event.order)
        case .cancelRefused(let event): set(&row, event.order)
        case .replaceRequested(let event): set(&row, event.order)
        case .replaceDone(let event): set(&row, event.order)
        case .replaceRefused(let event): set(&row, event.order)
        case .idsDiverged(let event): set(&row, event.order)
        case .attemptPrepared, .attemptSent, .attemptRejected, .attemptUnknown, .fallbackDecided: break
        }
    }

    private static func set(
        _ row: inout NaiveRow, _ intent: IntentID, _ decision: DecisionHash, _ client: ClientOrderID
    ) {
        row.set("intent_id", intent)
        row.set("decision_hash", decision)
        row.set("client_order_id", client)
    }

    private static func set(_ row: inout NaiveRow, _ order: OrderKey) {
        row.set("intent_id", order.intentID)
        row.set("decision_hash", order.decisionHash)
        row.set("client_order_id", order.clientOrderID)
        row.set("alpaca_order_id", order.alpacaOrderID)
    }
}
