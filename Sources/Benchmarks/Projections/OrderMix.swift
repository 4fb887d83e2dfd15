import Core
import Domain
import Projections
import Wire

/// Two tables from one type of event: what was observed of each order, and how each order stands.
enum OrderMix: Projection {
    struct Step: StoredRow {
        struct Key: RowKey {
            var offset: Int64 = 0
            mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
                _ columns: inout Walker
            ) throws(Walker.Failure) {
                try columns.column("log_offset", &offset, "Where it lies.")
            }
        }

        static let table = TableName("mix_steps", .transitions, "What was observed.")

        var offset: Int64 = 0
        var eventID = EventID(high: 0, low: 0)
        var order = ""
        var symbol = ""
        var status = ""
        var filled: Amount?
        var price: Amount?
        var at = Moment(microseconds: 0)

        var key: Key { Key(offset: offset) }

        mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.column("log_offset", &offset, "Where it lies.")
            try columns.column("event_id", &eventID, "The event.")
            try columns.column("client_order_id", &order, "The order.")
            try columns.column("symbol", &symbol, "The symbol.")
            try columns.column("status", &status, "Its status.")
            try columns.column("filled_qty", &filled, ColumnNote("Filled so far.", unit: "units"))
            try columns.column("avg_fill_price", &price, "At this price.")
            try columns.column("event_ts", &at, "When.")
        }
    }

    struct Order: StoredRow {
        struct Key: RowKey {
            var order = ""
            mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
                _ columns: inout Walker
            ) throws(Walker.Failure) {
                try columns.column("client_order_id", &order, "The order.")
            }
        }

        static let table = TableName("mix_orders", .current, "How each order stands.")

        var order = ""
        var symbol = ""
        var status = ""
        var filled: Amount?
        var price: Amount?
        var steps: Int64 = 0
        var updatedAt = Moment(microseconds: 0)

        var key: Key { Key(order: order) }

        mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.column("client_order_id", &order, "The order.")
            try columns.column("symbol", &symbol, "The symbol.")
            try columns.column("status", &status, "Its status.")
            try columns.column("filled_qty", &filled, "Filled so far.")
            try columns.column("avg_fill_price", &price, "At this price.")
            try columns.column("steps", &steps, "How many events.")
            try columns.column("updated_at", &updatedAt, "When it last changed.")
        }
    }

    struct Tables: TableSet {
        var steps: TransitionTable<Step>
        var orders: CurrentTable<Order>

        init(_ maker: TableMaker) {
            steps = maker.transitions(of: Step.self)
            orders = maker.current(of: Order.self)
        }

        mutating func visit<Visitor: TableVisitor & ~Copyable>(_ visitor: inout Visitor) throws(Visitor.Failure) {
            try visitor.transitions(&steps)
            try visitor.current(&orders)
        }
    }

    static let name = ProjectionName("order_mix")
    static let fold = 1
    static let ownership = TopicCatalog.decisions
    static let inputs = [TopicCatalog.orderEvents]
    static let wants: Set<EventType> = [.orderEvents(.orderSnapshotObserved)]

    static func need(of event: Event, in tables: inout Tables) {
        guard case .orderEvents(.orderSnapshotObserved(let seen)) = event.content,
            let order = seen.order.clientOrderID
        else { return }
        tables.orders.need(Order.Key(order: order.text))
    }

    static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard case .orderEvents(.orderSnapshotObserved(let seen)) = event.content else { return }
        guard let order = seen.order.clientOrderID else {
            throw Refusal(.missingIdentity, at: "$.payload.client_order_id", "the order has no id")
        }
        let symbol = event.envelope.symbol?.text ?? ""
        let at = Moment(event.envelope.eventTime)
        tables.steps.append(
            Step(
                offset: place.offset, eventID: event.envelope.eventID, order: order.text, symbol: symbol,
                status: seen.status.text, filled: seen.filledQty, price: seen.avgFillPrice, at: at))
        tables.orders.change(
            Order.Key(order: order.text), making: Order(order: order.text, symbol: symbol)
        ) { row in
            row.status = seen.status.text
            row.filled = seen.filledQty
            row.price = seen.avgFillPrice
            row.steps += 1
            row.updatedAt = at
        }
    }
}
