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
            differences += order.differences
            guard let alpaca = order.alpacaOrderID else { continue }
            if view.absent.contains(alpaca), let absence = order.absence(seenAt: view.at) {
                differences.append(absence)
            }
        }
        answered = Set(view.found.map { "order:" + $0.text })
        if let facts = view.facts, let flow = state.flows[view.account] {
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
        default: return true
        }
    }
}
