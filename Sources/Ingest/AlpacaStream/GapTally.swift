internal import Adapters
internal import Core

/// Compares what orders say is filled with the executions that were told: a list of executions comes late.
struct GapTally: Sendable {
    /// Of the orders that changed in the gap, how much they say is filled.
    private var filled: [String: Amount] = [:]
    private var executed: [String: Amount] = [:]
    private var told: Set<String> = []

    mutating func order(_ order: ListedOrder) {
        guard let qty = order.filledQty, qty > .zero else { return }
        filled[order.id] = qty
    }

    /// False for one that was told already.
    mutating func isNew(_ fill: FillActivity) -> Bool {
        // One order's executions have names of their own; another's may be called the same.
        guard told.insert(fill.orderID + " " + fill.executionID).inserted else { return false }
        // What was filled before the gap is in the sum that the broker names, and in none of ours.
        if let sum = fill.cumulativeAmount {
            executed[fill.orderID] = max(executed[fill.orderID] ?? .zero, sum)
        }
        return true
    }

    /// Whether some order is filled further than executions tell.
    var isShort: Bool { filled.contains { order, qty in executed[order] ?? .zero < qty } }
}
