internal import Core
internal import Domain

/// A broker update that reports a slice of an order's fill, or that it is busted or corrected.
struct FillReport {
    enum Kind { case bust, correct, fill }

    let execution: ExecutionID
    let about: OrderSaying.About
    let kind: Kind
    let qty: Amount
    let price: Amount
    let position: Amount?
    let broker: BrokerOrderID?
    let id: EventID
    let time: Instant
    let moment: Instant

    /// `nil` for an update that is no report.
    init?(_ told: Told, _ update: BrokerUpdateRecorded, about: OrderSaying.About) {
        guard let execution = update.executionID else { return nil }
        self.execution = execution
        self.about = about
        broker = update.alpacaOrderID
        position = update.positionQty
        (id, time, moment) = (told.id, told.time, told.moment)
        if update.eventType?.text == "trade_bust" {
            (kind, qty, price) = (.bust, 0, 0)
            return
        }
        guard let qty = update.fillQty, let price = update.fillPrice, qty > 0, price >= 0 else { return nil }
        kind = update.eventType?.text == "trade_correct" ? .correct : .fill
        (self.qty, self.price) = (qty, price)
    }

    /// Too large to be stored.
    var isTooLarge: Bool {
        guard kind != .bust else { return false }
        let product = Exact(of: qty) * Exact(of: price)
        let limit = Exact(of: 1_000_000_000_000_000) * Exact.billion
        let isAbove = (product - limit).number.map { $0 > 0 } ?? true
        return qty > 1_000_000_000_000 || price > 1_000_000_000 || isAbove
    }
}

/// One execution: all its reports, and the orders it belongs to.
struct Execution {
    var reports: [FillReport] = []
    var owners: Set<ClientOrderID> = []

    init() {}

    private var isBusted: Bool { reports.contains { $0.kind == .bust } }

    private var corrected: FillReport? {
        reports.filter { $0.kind == .correct }.max { ($0.moment, $0.id) < ($1.moment, $1.id) }
    }

    private var filled: FillReport? {
        reports.filter { $0.kind == .fill }.min { ($0.moment, $0.id) < ($1.moment, $1.id) }
    }

    /// Quantity and price that count; nothing counts of a busted one.
    var effective: (qty: Amount, price: Amount?) {
        guard !isBusted, let report = corrected ?? filled else { return (0, nil) }
        return (report.qty, report.price)
    }

    func row(_ id: ExecutionID, in story: SymbolStory) -> NaiveRow {
        var row = NaiveRow()
        row.set("alpaca_account_label", story.account)
        row.set("execution_id", id)
        row.set("symbol", story.symbol)
        row.set("client_order_id", owners.min())
        row.set("client_order_ids", text: list(owners.map(\.text)))
        row.set("alpaca_order_id", reports.compactMap(\.broker).min())
        row.set("state", text: isBusted ? "busted" : corrected != nil ? "corrected" : "filled")
        row.set("effective_qty", effective.qty)
        row.set("effective_price", effective.price)
        row.set("is_busted", isBusted)
        row.set("filled_qty", filled?.qty)
        row.set("filled_price", filled?.price)
        row.set("filled_at", filled?.moment)
        row.set("filled_event_id", filled?.id)
        row.set("corrected_qty", corrected?.qty)
        row.set("corrected_price", corrected?.price)
        row.set("corrected_at", corrected?.moment)
        row.set("corrected_event_id", corrected?.id)
        row.set("position_qty", filled?.position)
        row.set(times: reports.map(\.time))
        return row
    }
}
