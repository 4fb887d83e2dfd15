public import Core
public import Domain
public import Projections

/// Two tables from one type of event: what was observed of each order, and how each order stands.
public enum OrderMix: Projection {
    public struct Step: StoredRow {
        public struct Key: RowKey {
            public var offset: Int64 = 0

            public init() {}

            init(_ offset: Int64) { self.offset = offset }

            public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
                _ columns: inout Walker
            ) throws(Walker.Failure) {
                try columns.column("log_offset", &offset, "Where it lies.")
            }
        }

        public static let table = TableName("mix_steps", .transitions, "What was observed.")

        public var offset: Int64 = 0
        public var eventID = EventID(high: 0, low: 0)
        public var order = ""
        public var symbol = ""
        public var status = ""
        public var filled: Amount?
        public var price: Amount?
        public var at = Moment(microseconds: 0)

        public init() {}

        public var key: Key { Key(offset) }

        public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
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

    public struct Order: StoredRow {
        public struct Key: RowKey {
            public var order = ""

            public init() {}

            init(_ order: String) { self.order = order }

            public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
                _ columns: inout Walker
            ) throws(Walker.Failure) {
                try columns.column("client_order_id", &order, "The order.")
            }
        }

        public static let table = TableName("mix_orders", .current, "How each order stands.")

        public var order = ""
        public var symbol = ""
        public var status = ""
        public var filled: Amount?
        public var price: Amount?
        public var steps: Int64 = 0
        public var updatedAt = Moment(microseconds: 0)

        public init() {}

        init(_ order: String, _ symbol: String) { (self.order, self.symbol) = (order, symbol) }

        public var key: Key { Key(order) }

        public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
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

    public struct Tables: TableSet {
        public var steps: TransitionTable<Step>
        public var orders: CurrentTable<Order>

        public init(_ maker: TableMaker) {
            steps = maker.transitions(of: Step.self)
            orders = maker.current(of: Order.self)
        }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(_ visitor: inout Visitor) throws(Visitor.Failure) {
            try visitor.transitions(&steps)
            try visitor.current(&orders)
        }
    }

    public static let name = ProjectionName("order_mix")
    public static let fold = 1
    public static let ownership = TopicCatalog.decisions
    public static let inputs = [TopicCatalog.orderEvents]
    public static let wants: Set<EventType> = [.orderEvents(.orderSnapshotObserved)]

    public static func need(of event: Event, in tables: inout Tables) {
        guard case .orderEvents(.orderSnapshotObserved(let seen)) = event.content,
            let order = seen.order.clientOrderID
        else { return }
        tables.orders.need(Order.Key(order.text))
    }

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard case .orderEvents(.orderSnapshotObserved(let seen)) = event.content else { return }
        guard let order = seen.order.clientOrderID else {
            throw Refusal(.missingIdentity, at: "$.payload.client_order_id", "the order has no id")
        }
        let symbol = event.envelope.symbol?.text ?? ""
        let at = Moment(event.envelope.eventTime)
        var step = Step()
        (step.offset, step.eventID, step.order, step.symbol) = (place.offset, event.envelope.eventID, order.text, symbol)
        (step.status, step.filled, step.price, step.at) = (seen.status.text, seen.filledQty, seen.avgFillPrice, at)
        tables.steps.append(step)
        tables.orders.change(Order.Key(order.text), making: Order(order.text, symbol)) { row in
            row.status = seen.status.text
            row.filled = seen.filledQty
            row.price = seen.avgFillPrice
            row.steps += 1
            row.updatedAt = at
        }
    }
}
