internal import Core

/// What a comparison shows, and of which things it can say that nothing is wrong with them.
public struct BookComparison: Sendable {
    public private(set) var differences: [BookDifference] = []
    private let account: AccountLabel
    private var comparedAccounts: Set<DiscrepancyKey> = []
    private var answered: Set<String> = []

    /// Holds the broker's view against ours.
    public init(of view: BrokerView, with state: ReconcileState) {
        account = view.account
        for order in state.watchedOrders(of: view.account) {
            let isGone = order.alpacaOrderID.map(view.gone.contains) ?? false
            differences += order.differences.filter { !(isGone && $0.kind == .unknownBrokerOrder) }
            // What the broker's list shows is there, whoever else knows nothing of it.
            guard let alpaca = order.alpacaOrderID, !view.found.contains(alpaca) else { continue }
            if view.absent.contains(alpaca), let absence = order.absence(seenAt: view.at) {
                differences.append(absence)
            }
        }
        answered = Set(view.found.map { "order:" + $0.text })
        if let facts = view.facts, view.readingTook <= Holding.settling, let flow = state.flows[view.account] {
            let (found, compared) = flow.differences(from: facts)
            differences += found
            comparedAccounts = compared
        }
    }

    /// Whether a difference would have shown itself, had there been one.
    func hasCompared(_ row: OpenDiscrepancy, _ state: ReconcileState) -> Bool {
        guard row.account == account else { return false }
        switch row.kind {
        case .positionMismatch, .cashMismatch: return comparedAccounts.contains(row.key)
        case .missingAtBroker:
            let isEnded = state.order(account, row.order.clientOrderID, row.order.alpacaOrderID)?.isEnded ?? true
            return isEnded || answered.contains(row.key.about)
        case _ where row.kind.needsAnswer:
            let order = state.order(account, row.order.clientOrderID, row.order.alpacaOrderID)
            return !(order?.awaitsAnswer ?? false)
        default: return true
        }
    }

    /// Whether an order was answered for.
    func hasAnswer(_ key: DiscrepancyKey) -> Bool { answered.contains(key.about) }

    /// Whether a position, or cash, could be held against ours.
    func hasCompared(_ key: DiscrepancyKey) -> Bool { comparedAccounts.contains(key) }
}
