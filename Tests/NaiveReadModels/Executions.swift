internal import Core
internal import Domain

extension ReadModel {
    static let executions = ReadModel(
        name: "executions", ownership: TopicCatalog.decisions,
        inputs: [TopicCatalog.decisions, TopicCatalog.route, TopicCatalog.orderEvents],
        wants: [
            .decisions(.decisionRecorded), .route(.attemptPrepared), .route(.attemptSent), .route(.attemptAccepted),
            .route(.attemptRejected), .route(.attemptUnknown), .route(.attemptResolved), .route(.fallbackDecided),
            .route(.intentWithdrawn), .route(.cancelRequested), .route(.cancelConfirmed), .route(.replaceRequested),
            .route(.replaceDone), .orderEvents(.brokerUpdateRecorded), .orderEvents(.orderSnapshotObserved),
        ],
        tables: [
            Table(name: "executions", key: ["alpaca_account_label", "client_order_id", "symbol"]),
            Table(name: "execution_fills", key: ["alpaca_account_label", "execution_id", "symbol"]),
            Table(name: "execution_tca_metrics", key: ["alpaca_account_label", "client_order_id", "symbol"]),
            Table(name: "execution_broker_orders", key: ["alpaca_account_label", "alpaca_order_id", "symbol"]),
            Table(name: "execution_decisions", key: ["alpaca_account_label", "decision_hash", "symbol"]),
        ],
        judge: { _ in ExecutionJudge() },
        rows: { told, _ in
            var tables: [String: [NaiveRow]] = [:]
            for story in grouped(told, by: { key($0.account.text, $0.symbol.text) }) {
                for (table, rows) in SymbolStory(story).tables { tables[table, default: []] += rows }
            }
            return tables
        })
}

/// All orders of one account and symbol: which events are about which of them is found out with everything known.
struct SymbolStory {
    let account: AccountLabel
    let symbol: Symbol
    /// By the order they are about.
    private(set) var ofClient: [ClientOrderID: [OrderSaying]] = [:]
    private(set) var ofBroker: [BrokerOrderID: [OrderSaying]] = [:]
    private(set) var executions: [ExecutionID: Execution] = [:]
    /// Who is linked to whom.
    private(set) var links: [BrokerOrderID: [(client: ClientOrderID, rank: Int)]] = [:]
    private(set) var brokers: [ClientOrderID: [(broker: BrokerOrderID, rank: Int)]] = [:]
    private(set) var decisions: [String: MeasuredDecision] = [:]
    private let first: Told

    init(_ told: [Told]) {
        first = told[0]
        (account, symbol) = (told[0].account, told[0].symbol)
        for told in told {
            if case .decisions(.decisionRecorded(let event)) = told.event.content {
                decisions["\(event.decisionHash)", default: MeasuredDecision()].record(event)
            }
            for saying in OrderSaying.sayings(of: told) { take(saying) }
        }
        for id in executions.keys { findOwners(of: id) }
    }

    private mutating func take(_ saying: OrderSaying) {
        switch saying.about {
        case .client(let client):
            ofClient[client, default: []].append(saying)
            if let link = saying.link {
                links[link.broker, default: []].append((client, link.rank))
                brokers[client, default: []].append(link)
            }
            if let (_, hash) = saying.decision { decisions[hash, default: MeasuredDecision()].orders.insert(client) }
        case .broker(let broker): ofBroker[broker, default: []].append(saying)
        }
        if let report = saying.report { executions[report.execution, default: Execution()].reports.append(report) }
    }

    /// An execution belongs to every order that any of its reports is about.
    private mutating func findOwners(of id: ExecutionID) {
        for report in executions[id]?.reports ?? [] {
            switch report.about {
            case .client(let client): executions[id]?.owners.insert(client)
            case .broker(let broker):
                for link in links[broker] ?? [] { executions[id]?.owners.insert(link.client) }
            }
        }
    }

    /// All that was said of an order: under its own id, and under the broker's ids it is linked to.
    private func sayings(of client: ClientOrderID) -> [OrderSaying] {
        let linked = Set((brokers[client] ?? []).map(\.broker))
        return (ofClient[client] ?? []) + linked.flatMap { ofBroker[$0] ?? [] }
    }

    func rowID(_ table: String, _ name: String) -> String { "\(first.rowID(table, name, symbol.text))" }
}

extension SymbolStory {
    var tables: [String: [NaiveRow]] {
        var owned: [ClientOrderID: [Execution]] = [:]
        for execution in executions.values {
            for owner in execution.owners { owned[owner, default: []].append(execution) }
        }
        let orders = ofClient.keys.map { client in
            OrderStory(
                client: client, sayings: sayings(of: client), executions: owned[client] ?? [],
                links: brokers[client] ?? [])
        }
        let named = Set(links.keys).union(ofBroker.keys)
        return [
            "executions": orders.map { $0.row(in: self) },
            "execution_tca_metrics": orders.compactMap { $0.cost(in: self) },
            "execution_fills": executions.map { $1.row($0, in: self) },
            "execution_broker_orders": named.map(brokerOrder),
            "execution_decisions": decisions.map { $1.row($0, in: self) },
        ]
    }

    private func brokerOrder(_ broker: BrokerOrderID) -> NaiveRow {
        var row = NaiveRow()
        let (links, sayings) = (links[broker] ?? [], ofBroker[broker] ?? [])
        row.set("alpaca_account_label", account)
        row.set("alpaca_order_id", broker)
        row.set("symbol", symbol)
        row.set("client_order_ids", text: list(links.map(\.client.text)))
        row.set("alpaca_order_rank", links.map(\.rank).min())
        row.set("execution_ids", text: list(sayings.compactMap(\.report?.execution.text)))
        OrderState(sayings).set(&row)
        return row
    }
}

/// What the orders of a decision are measured against.
struct MeasuredDecision {
    var orders: Set<ClientOrderID> = []
    private var isRecorded = false
    private(set) var arrival: Amount?

    init() {}

    /// The first one counts.
    mutating func record(_ event: DecisionRecorded) {
        guard !isRecorded else { return }
        isRecorded = true
        let price = DecisionStory.arrival(event.referenceQuote, else: event.arrivalPrice)
        arrival = price.flatMap { $0 > 0 && $0 <= 1_000_000_000 ? $0 : nil }
    }

    func row(_ hash: String, in story: SymbolStory) -> NaiveRow {
        var row = NaiveRow()
        row.set("alpaca_account_label", story.account)
        row.set("decision_hash", text: hash)
        row.set("symbol", story.symbol)
        row.set("client_order_ids", text: list(orders.map(\.text)))
        row.set("is_recorded", isRecorded)
        row.set("arrival_price", arrival)
        return row
    }
}

/// Ids sorted by bytes, without repetition, one on each line.
func list(_ ids: [String]) -> String {
    Set(ids.map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
        .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
}
