public import Core
public import Domain

/// Each order, its fills and what they cost.
///
/// Everything said of an order is merged by rules that do not ask in which order it came; what comes under the broker's
/// id alone is kept there, and given to the order when an event links the two.
public enum Executions: Projection {
    public struct Tables: TableSet {
        var orders: CurrentTable<ExecutionRow>
        var fills: CurrentTable<ExecutionFillRow>
        var costs: CurrentTable<ExecutionCostRow>
        var brokers: CurrentTable<BrokerOrderRow>
        var decisions: CurrentTable<ExecutionDecisionRow>

        public init(_ maker: TableMaker) {
            orders = maker.current(of: ExecutionRow.self)
            fills = maker.current(of: ExecutionFillRow.self)
            costs = maker.current(of: ExecutionCostRow.self)
            brokers = maker.current(of: BrokerOrderRow.self)
            decisions = maker.current(of: ExecutionDecisionRow.self)
        }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.current(&orders)
            try visitor.current(&fills)
            try visitor.current(&costs)
            try visitor.current(&brokers)
            try visitor.current(&decisions)
        }
    }

    public static let name = ProjectionName("executions")
    public static let fold = 2
    public static let follows = true
    public static let ownership = TopicCatalog.decisions
    public static let inputs = [TopicCatalog.decisions, TopicCatalog.route, TopicCatalog.orderEvents]
    public static let wants: Set<EventType> = [
        .decisions(.decisionRecorded), .route(.attemptPrepared), .route(.attemptSent), .route(.attemptAccepted),
        .route(.attemptRejected), .route(.attemptUnknown), .route(.attemptResolved), .route(.fallbackDecided),
        .route(.intentWithdrawn), .route(.cancelRequested), .route(.cancelConfirmed), .route(.replaceRequested),
        .route(.replaceDone), .orderEvents(.brokerUpdateRecorded), .orderEvents(.orderSnapshotObserved),
    ]

    /// Orders under one broker's id, of one execution, of one decision: more than one is already odd.
    static let maximumOrders = 16
    /// Executions reported under one broker's id alone.
    static let maximumExecutions = 4096

    public static func need(of event: Event, in tables: inout Tables) {
        if case .decisions(.decisionRecorded(let decision)) = event.content, let scope = SymbolScope(event.envelope) {
            return tables.decisions.need(DecisionName(decision.decisionHash, scope))
        }
        guard let reading = OrderReading(event) else { return }
        let scope = reading.scope
        for order in reading.orders { tables.need(OrderName(order.client, scope)) }
        for broker in reading.brokers { tables.brokers.need(BrokerOrderRow.Key(broker.alpaca, scope)) }
        for link in reading.links { tables.brokers.need(BrokerOrderRow.Key(link.alpaca, scope)) }
        for named in reading.decisions { tables.decisions.need(DecisionName(named.decision.hash, scope)) }
        if let report = reading.report { tables.fills.need(ExecutionFillRow.Key(report.execution, scope)) }
    }

    public static func follow(_ event: Event, in tables: inout Tables) {
        if case .decisions(.decisionRecorded(let decision)) = event.content, let scope = SymbolScope(event.envelope) {
            let row = tables.decisions[DecisionName(decision.decisionHash, scope)]
            return tables.need(row?.orders, scope)
        }
        guard let reading = OrderReading(event) else { return }
        let scope = reading.scope
        for broker in reading.brokers {
            tables.need(tables.brokers[BrokerOrderRow.Key(broker.alpaca, scope)]?.orders, scope)
        }
        for link in reading.links {
            for id in tables.brokers[BrokerOrderRow.Key(link.alpaca, scope)]?.executions.ids ?? [] {
                tables.fills.need(ExecutionFillRow.Key(ExecutionID(trusted: id), scope))
            }
        }
        if let report = reading.report {
            tables.need(tables.fills[ExecutionFillRow.Key(report.execution, scope)]?.orders, scope)
        }
    }

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        if case .decisions(.decisionRecorded(let decision)) = event.content, let scope = SymbolScope(event.envelope) {
            return tables.record(decision, scope)
        }
        guard let reading = OrderReading(event) else { return }
        try OrderChange(reading, in: tables).apply(to: &tables)
    }
}

extension Executions.Tables {
    mutating func need(_ order: OrderName) {
        orders.need(order)
        costs.need(order)
    }

    mutating func need(_ list: IDList?, _ scope: SymbolScope) {
        for id in list?.ids ?? [] { need(OrderName(ClientOrderID(trusted: id), scope)) }
    }

    /// The first decision of a hash stands; orders made from it before learn their arrival price now.
    mutating func record(_ decision: DecisionRecorded, _ scope: SymbolScope) {
        let name = DecisionName(decision.decisionHash, scope)
        let known = decisions[name]
        guard known?.isRecorded != true else { return }
        let price = decision.seenPrice.flatMap { $0 > .zero && $0 <= OrderReading.Report.maximumPrice ? $0 : nil }
        decisions.change(name, making: ExecutionDecisionRow(name)) { row in
            row.isRecorded = true
            row.arrivalPrice = price
        }
        guard let price else { return }
        for id in known?.orders.ids ?? [] {
            let order = OrderName(ClientOrderID(trusted: id), scope)
            orders.change(order, making: ExecutionRow(order)) { $0.measure(by: price, of: name.hash) }
            measure(order)
        }
    }

    mutating func measure(_ order: OrderName) {
        guard let cost = orders[order].flatMap(ExecutionCostRow.init) else { return }
        costs.change(order, making: cost) { $0 = cost }
    }
}
