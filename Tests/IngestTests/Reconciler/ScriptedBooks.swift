import Adapters
import Core
import Domain
import Ingest
import Synchronization

/// A broker whose answers a test writes down; it remembers what it was asked.
final class ScriptedBooks: BrokerBooks, OrderAdapter {
    struct Script: Sendable {
        var orders: [BrokerOrderID: FoundOrder] = [:]
        var cash = Amount(10_000)
        var held: [String: Amount] = [:]
        /// What the list shows; `nil` is every open order.
        var listed: [BrokerOrderID]?
        var isListWhole = true
        var pages = 1
        var listFailure: FailureTaxonomy?
        var accountFailure: FailureTaxonomy?
        var positionsFailure: FailureTaxonomy?
        var lookupFailure: FailureTaxonomy?
        /// Orders that were asked for by themselves, in this order.
        var lookups: [String] = []
        /// Called before an order is looked up.
        var whenAsked: (@Sendable () async -> Void)?
    }

    let adapter: Adapter
    private let script = Mutex(Script())

    init(_ adapter: Adapter = .alpaca) { self.adapter = adapter }

    var now: Script { script.withLock { $0 } }
    func change(_ change: (inout Script) -> Void) { script.withLock { change(&$0) } }

    /// Puts an order into its books.
    func put(
        _ id: String, _ status: OrderStatus = .new, qty: Amount = 100, filled: Amount = .zero, average: Amount? = nil,
        symbol: String = "AAPL", client: String? = nil
    ) {
        let found = FoundOrder(
            id: BrokerOrderID(trusted: id), clientOrderID: ClientOrderID(trusted: client ?? "client-\(id)"),
            symbol: Symbol(trusted: symbol), side: .buy, status: status, qty: qty, filledQty: filled,
            filledAvgPrice: average)
        script.withLock { $0.orders[found.id] = found }
    }

    private static var call: CallRecord { CallRecord(tries: 1) }

    func openOrders(_ call: CallTerms) async -> Answered<ListVerdict> {
        script.withLock { script in
            if let why = script.listFailure { return Answered(.inconclusive(why), Self.call) }
            let open = script.orders.values.filter { !$0.status.isEnd }.sorted { $0.id < $1.id }
            let listed = script.listed.map { names in names.compactMap { script.orders[$0] } } ?? open
            return Answered(.orders(listed, isComplete: script.isListWhole), CallRecord(tries: script.pages))
        }
    }

    func account(_ call: CallTerms) async -> Answered<ReadVerdict<AlpacaAccount>> {
        script.withLock { script in
            if let why = script.accountFailure { return Answered(.inconclusive(why), Self.call) }
            return Answered(
                .read(
                    AlpacaAccount(
                        status: BrokerWord(trusted: "ACTIVE"), currency: Label(trusted: "USD"), cash: script.cash,
                        buyingPower: script.cash, equity: script.cash, tradingBlocked: false, accountBlocked: false,
                        raw: .emptyObject)), Self.call)
        }
    }

    func positions(_ call: CallTerms) async -> Answered<ReadVerdict<[HeldPosition]>> {
        script.withLock { script in
            if let why = script.positionsFailure { return Answered(.inconclusive(why), Self.call) }
            let held = script.held.sorted { $0.key < $1.key }
            return Answered(
                .read(held.map { HeldPosition(symbol: Symbol(trusted: $0.key), qty: $0.value) }), Self.call)
        }
    }

    private func look(_ name: String, _ find: (FoundOrder) -> Bool) async -> Answered<LookupVerdict> {
        await now.whenAsked?()
        return script.withLock { script in
            script.lookups.append(name)
            if let why = script.lookupFailure { return Answered(.inconclusive(why), Self.call) }
            return Answered(script.orders.values.first(where: find).map { .found($0) } ?? .absent, Self.call)
        }
    }

    func lookup(clientOrderID id: ClientOrderID, _ call: CallTerms) async -> Answered<LookupVerdict> {
        await look(id.text) { $0.clientOrderID == id }
    }

    func lookup(orderID id: BrokerOrderID, _ call: CallTerms) async -> Answered<LookupVerdict> {
        await look(id.text) { $0.id == id }
    }
}

/// What a reconciler never asks for.
extension ScriptedBooks {
    func submit(_ order: OrderSubmission, _ call: CallTerms) async -> Answered<SubmitVerdict> { fatalError("sends") }
    func replace(_ order: OrderReplacement, _ call: CallTerms) async -> Answered<SubmitVerdict> { fatalError("sends") }
    func void(_ id: ClientOrderID, _ call: CallTerms) async -> Answered<VoidVerdict> { fatalError("voids") }
    func cancel(orderID id: BrokerOrderID, _ call: CallTerms) async -> Answered<CancelVerdict> { fatalError("cancels") }
    func cancelAll(_ call: CallTerms) async -> Answered<CancelAllVerdict> { fatalError("cancels") }
    func health(_ call: CallTerms) async -> Answered<HealthVerdict> { fatalError("asks for health") }
}
