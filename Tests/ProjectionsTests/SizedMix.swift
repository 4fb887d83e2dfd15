import Core
import Domain
import Projections

/// How large the rows of `SizedMix` are.
protocol MixSize: Sendable {
    static var isGrown: Bool { get }
}

enum Small: MixSize { static let isGrown = false }
enum Grown: MixSize { static let isGrown = true }

/// One projection in two programs: the newer one has a table more, a column more in the other, and views over both.
enum SizedMix<Size: MixSize>: Projection {
    struct Row: StoredRow {
        struct Key: RowKey {
            var order = ""

            mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
                _ columns: inout Walker
            ) throws(Walker.Failure) {
                try columns.column("client_order_id", &order, "The order.")
            }
        }

        static var table: TableName { TableName("sized_orders", .current, "Orders.") }

        var order = ""
        var steps: Int64 = 0
        var symbol: String?

        var key: Key { Key(order: order) }

        mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.column("client_order_id", &order, "The order.")
            try columns.column("steps", &steps, "How many events.")
            if Size.isGrown { try columns.column("symbol", &symbol, "The symbol.") }
        }
    }

    struct Step: StoredRow {
        struct Key: RowKey {
            var offset: Int64 = 0

            mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
                _ columns: inout Walker
            ) throws(Walker.Failure) {
                try columns.column("log_offset", &offset, "Where it lies.")
            }
        }

        static var table: TableName { TableName("sized_steps", .transitions, "Steps.") }

        var key = Key()

        mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try key.walk(&columns)
        }
    }

    struct Tables: TableSet {
        var orders: CurrentTable<Row>
        var steps: TransitionTable<Step>

        init(_ maker: TableMaker) {
            orders = maker.current(of: Row.self)
            steps = maker.transitions(of: Step.self)
        }

        mutating func visit<Visitor: TableVisitor & ~Copyable>(_ visitor: inout Visitor) throws(Visitor.Failure) {
            try visitor.current(&orders)
            if Size.isGrown { try visitor.transitions(&steps) }
        }
    }

    static var name: ProjectionName { ProjectionName("sized_mix") }
    static var fold: Int { Size.isGrown ? 2 : 1 }
    static var ownership: CatalogTopic { TopicCatalog.decisions }
    static var inputs: [CatalogTopic] { [TopicCatalog.orderEvents] }
    static var wants: Set<EventType> { [.orderEvents(.orderSnapshotObserved)] }

    static var views: [ViewDefinition] {
        let symbols = Size.isGrown ? ", count(DISTINCT symbol) AS symbols" : ""
        let names = Size.isGrown ? [ViewDefinition.column(of: "sized_orders", name: "name", sql: "upper(symbol)")] : []
        return [
            .column(of: "sized_orders", name: "order_id", sql: "client_order_id"),
            .query(name: "sized_totals", sql: "SELECT sum(steps)::bigint AS steps\(symbols) FROM sized_orders"),
        ] + names
    }

    private static func order(of event: Event) -> String? {
        guard case .orderEvents(.orderSnapshotObserved(let seen)) = event.content else { return nil }
        return seen.order.clientOrderID?.text
    }

    static func need(of event: Event, in tables: inout Tables) {
        if let order = order(of: event) { tables.orders.need(Row.Key(order: order)) }
    }

    static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard let order = order(of: event) else { return }
        tables.orders.change(Row.Key(order: order), making: Row(order: order)) { row in
            row.steps += 1
            row.symbol = Size.isGrown ? event.envelope.symbol?.text : nil
        }
        if Size.isGrown { tables.steps.append(Step(key: Step.Key(offset: place.offset))) }
    }
}
