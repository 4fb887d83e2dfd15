internal import Adapters
internal import Core
internal import Domain

/// The questions of one round, and the answers.
///
/// First the open orders and the account, then order by order, the most urgent first, as far as budget and time reach. What failed or is incomplete proves nothing of what it does not show.
struct BrokerRound: Sendable {
    /// An order as it was answered, and how it was asked for.
    struct Answer: Sendable {
        let order: FoundOrder
        let observedBy: ObservedBy
        /// Before the question went out.
        let at: Timestamp
    }

    private(set) var view: BrokerView
    /// The account as it is to be written down; its positions may not be whole.
    private(set) var facts: AccountSnapshotObserved?
    private(set) var answers: [Answer] = []
    private(set) var failures = 0
    private(set) var postponed = 0
    private(set) var unreachable: [Adapter: Int] = [:]
    /// What was in the list, when all of it was read.
    private(set) var isListWhole = false

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

    /// Asks for what there is at once.
    nonisolated(nonsending) mutating func askBooks(_ budget: inout ReadBudget) async {
        await askOpenOrders(&budget)
        await askAccount(&budget)
    }

    /// Asks for orders by themselves; not for so long that the account grows old meanwhile.
    nonisolated(nonsending) mutating func ask(_ orders: [ReconciledOrder], _ budget: inout ReadBudget) async {
        let start = context.time.uptime()
        for order in orders {
            let name = order.route?.adapter ?? .alpaca
            let isInTime = context.time.uptime() - start < context.limits.singleReads
            guard budget.isOpen, isInTime, !Task.isCancelled, failuresOf[name, default: 0] < Self.patience else {
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
        _ failure: FailureTaxonomy? = nil, _ detail: String? = nil
    ) {
        if verdict == .failed || verdict == .incomplete { failures += 1 }
        context.observer.asked(
            BrokerRead(question: question, adapter: adapter, verdict: verdict, failure: failure, detail: detail))
    }

    private nonisolated(nonsending) mutating func askOpenOrders(_ budget: inout ReadBudget) async {
        let asked = context.time.now()
        let answered = await context.books.openOrders(terms("orders"))
        budget.spendOnBooks(answered.call.tries)
        switch answered.verdict {
        case .orders(let orders, let isComplete):
            note(.openOrders, .alpaca, isComplete ? .read : .incomplete, nil, answered.call.reply.reason?.text)
            isListWhole = isComplete
            for order in orders { take(order, .listOrders, asked) }
        case .inconclusive(let why): note(.openOrders, .alpaca, .failed, why)
        }
    }

    /// Cash without its positions is no account to decide by, and says so itself.
    private nonisolated(nonsending) mutating func askAccount(_ budget: inout ReadBudget) async {
        let (asked, start) = (context.time.now(), context.time.uptime())
        let account = await context.books.account(terms("account"))
        budget.spendOnBooks(account.call.tries)
        guard case .read(let cash) = account.verdict else {
            return note(.account, .alpaca, .failed, account.verdict.failure)
        }
        note(.account, .alpaca, .read)
        let positions = await context.books.positions(terms("positions"))
        budget.spendOnBooks(positions.call.tries)
        var held: [HeldPosition] = []
        switch positions.verdict {
        case .read(let all):
            // More than an event holds: then it is not all of them.
            held = Array(all.prefix(2_000))
            note(.positions, .alpaca, held.count == all.count ? .read : .incomplete)
            facts = Self.facts(cash, held, asOf: asked, context.mode, complete: held.count == all.count)
        case .inconclusive(.contractViolation):
            note(.positions, .alpaca, .failed, .contractViolation, positions.call.reply.code?.text)
            facts = Self.facts(cash, held, asOf: asked, context.mode, complete: false)
        case .absent, .inconclusive: note(.positions, .alpaca, .failed, positions.verdict.failure)
        }
        view.facts = facts.flatMap { $0.complete ? $0 : nil }
        view.readingTook = context.time.uptime() - start
    }

    private static func facts(
        _ cash: AlpacaAccount, _ held: [HeldPosition], asOf asked: Timestamp, _ mode: TradingMode, complete: Bool
    ) -> AccountSnapshotObserved {
        AccountSnapshotObserved(
            asOf: asked, tradingMode: mode, currency: cash.currency, equity: cash.equity, cash: cash.cash,
            buyingPower: cash.buyingPower, multiplier: cash.multiplier, tradingBlocked: cash.tradingBlocked,
            accountBlocked: cash.accountBlocked, shortingEnabled: cash.shortingEnabled,
            patternDayTrader: cash.patternDayTrader, status: cash.status, positions: held, complete: complete,
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
            guard let id = order.alpacaOrderID else { break }
            if name == .alpaca { view.absent.insert(id) } else { await confirmAbsence(of: id, &budget) }
        case .inconclusive(let why):
            note(.order, name, .failed, why)
            failuresOf[name, default: 0] += 1
        }
    }

    /// What a runner does not know the broker may: an order of this id is missing only where he has none either.
    private nonisolated(nonsending) mutating func confirmAbsence(
        of id: BrokerOrderID, _ budget: inout ReadBudget
    ) async {
        guard !view.found.contains(id), let broker = context.adapters[.alpaca] else { return }
        let asked = context.time.now()
        let answered = await broker.lookup(orderID: id, terms("order"))
        budget.spend(answered.call.tries)
        switch answered.verdict {
        case .found(let found):
            note(.order, .alpaca, .read)
            take(found, .getOrder, asked)
        case .absent:
            note(.order, .alpaca, .absent)
            view.absent.insert(id)
        case .inconclusive(let why):
            note(.order, .alpaca, .failed, why)
            failuresOf[.alpaca, default: 0] += 1
        }
    }

    /// Who was asked for one order alone said it later, and of his own.
    private mutating func take(_ order: FoundOrder, _ observedBy: ObservedBy, _ asked: Timestamp) {
        let answer = Answer(order: order, observedBy: observedBy, at: asked)
        if view.found.insert(order.id).inserted {
            answers.append(answer)
        } else if observedBy != .listOrders, let place = answers.firstIndex(where: { $0.order.id == order.id }) {
            answers[place] = answer
        }
    }
}

extension ReadVerdict {
    /// Why nothing was read.
    fileprivate var failure: FailureTaxonomy? {
        if case .inconclusive(let why) = self { why } else { nil }
    }
}
