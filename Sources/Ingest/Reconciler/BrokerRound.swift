internal import Adapters
internal import Core
internal import Domain

/// The questions of one round, and the answers.
///
/// First the open orders and the account, then order by order, the longest silent ones first, as far as the budget
/// reaches. What failed or is incomplete proves nothing of what it does not show.
struct BrokerRound: Sendable {
    /// An order as it was answered, and how it was asked for.
    struct Answer: Sendable {
        let order: FoundOrder
        let observedBy: ObservedBy
        /// Before the question went out.
        let at: Timestamp
    }

    private(set) var view: BrokerView
    private(set) var answers: [Answer] = []
    private(set) var failures = 0
    private(set) var postponed = 0
    private(set) var unreachable: [Adapter: Int] = [:]
    /// What was in the list, when all of it was read.
    private var listed: Set<BrokerOrderID>?

    private let context: ReconcilerContext
    private var failuresOf: [Adapter: Int] = [:]
    /// Whoever fails so often is not asked again in this round: each failure may take its whole time.
    private static let patience = 2
    /// Orders that were asked for by themselves, whatever came of it.
    private(set) var asked: [Int64: Timestamp] = [:]

    init(_ context: ReconcilerContext) {
        self.context = context
        view = BrokerView(of: context.account, at: context.time.now())
    }

    /// Asks for everything; `wanted` says which orders are to be asked for by themselves when the list is known.
    nonisolated(nonsending) mutating func ask(
        _ budget: inout ReadBudget, wanted: (Set<BrokerOrderID>?, Set<BrokerOrderID>) -> [ReconciledOrder]
    ) async {
        await askOpenOrders(&budget)
        await askAccount(&budget)
        for order in wanted(listed, view.found) {
            let name = order.route?.adapter ?? .alpaca
            guard budget.isOpen, !Task.isCancelled, failuresOf[name, default: 0] < Self.patience else {
                postponed += 1
                continue
            }
            await ask(order, name, &budget)
        }
    }

    private func terms(_ what: String) -> CallTerms {
        let now = context.time.now()
        return CallTerms(
            correlationID: CorrelationID(trusted: "reconcile-\(what)-\(now.nanoseconds)"),
            deadline: now.advanced(by: context.limits.callTimeout) ?? .latest)
    }

    private mutating func note(
        _ question: BrokerRead.Question, _ adapter: Adapter, _ verdict: BrokerRead.Verdict,
        _ failure: FailureTaxonomy? = nil
    ) {
        if verdict == .failed || verdict == .incomplete { failures += 1 }
        context.observer.asked(
            BrokerRead(question: question, adapter: adapter, verdict: verdict, failure: failure))
    }

    private nonisolated(nonsending) mutating func askOpenOrders(_ budget: inout ReadBudget) async {
        let asked = context.time.now()
        let answered = await context.books.openOrders(terms("orders"))
        budget.spend(answered.call.tries)
        switch answered.verdict {
        case .orders(let orders, let isComplete):
            note(.openOrders, .alpaca, isComplete ? .read : .incomplete)
            if isComplete { listed = Set(orders.map(\.id)) }
            for order in orders { take(order, .listOrders, asked) }
        case .inconclusive(let why): note(.openOrders, .alpaca, .failed, why)
        }
    }

    /// Both or nothing: cash without its positions is no account.
    private nonisolated(nonsending) mutating func askAccount(_ budget: inout ReadBudget) async {
        let asked = context.time.now()
        let account = await context.books.account(terms("account"))
        budget.spend(account.call.tries)
        guard case .read(let cash) = account.verdict else {
            return note(.account, .alpaca, .failed, account.verdict.failure)
        }
        note(.account, .alpaca, .read)
        let positions = await context.books.positions(terms("positions"))
        budget.spend(positions.call.tries)
        guard case .read(let held) = positions.verdict else {
            return note(.positions, .alpaca, .failed, positions.verdict.failure)
        }
        // More than an event holds: then it is not all of them.
        guard held.count <= 2_000 else { return note(.positions, .alpaca, .incomplete) }
        note(.positions, .alpaca, .read)
        view.facts = AccountSnapshotObserved(
            asOf: asked, tradingMode: context.mode, currency: cash.currency, equity: cash.equity, cash: cash.cash,
            buyingPower: cash.buyingPower, multiplier: cash.multiplier, tradingBlocked: cash.tradingBlocked,
            accountBlocked: cash.accountBlocked, shortingEnabled: cash.shortingEnabled,
            patternDayTrader: cash.patternDayTrader, status: cash.status, positions: held, complete: true,
            rawAccount: cash.raw)
    }

    /// By the way that was recorded for it; an order from outside went Alpaca's.
    private nonisolated(nonsending) mutating func ask(
        _ order: ReconciledOrder, _ name: Adapter, _ budget: inout ReadBudget
    ) async {
        guard let adapter = context.adapters[name] else {
            unreachable[name, default: 0] += 1
            return
        }
        let asked = context.time.now()
        self.asked[order.number] = asked
        let answered: Answered<LookupVerdict>
        if let id = order.alpacaOrderID {
            answered = await adapter.lookup(orderID: id, terms("order"))
        } else if let id = order.clientOrderID {
            answered = await adapter.lookup(clientOrderID: id, terms("order"))
        } else {
            return
        }
        budget.spend(answered.call.tries)
        switch answered.verdict {
        case .found(let found):
            note(.order, name, .read)
            let direct: ObservedBy = order.alpacaOrderID == nil ? .getOrderByClientOrderID : .getOrder
            take(found, name == .lean ? .runner : direct, asked)
        case .absent:
            note(.order, name, .absent)
            if let id = order.alpacaOrderID { view.absent.insert(id) }
        case .inconclusive(let why):
            note(.order, name, .failed, why)
            failuresOf[name, default: 0] += 1
        }
    }

    private mutating func take(_ order: FoundOrder, _ observedBy: ObservedBy, _ asked: Timestamp) {
        guard view.found.insert(order.id).inserted else { return }
        answers.append(Answer(order: order, observedBy: observedBy, at: asked))
    }
}

extension ReadVerdict {
    /// Why nothing was read.
    fileprivate var failure: FailureTaxonomy? {
        if case .inconclusive(let why) = self { why } else { nil }
    }
}
