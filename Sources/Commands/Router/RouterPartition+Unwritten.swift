internal import Core
internal import Domain

/// What an owner knows of open orders while it can write nothing down.
extension RouterPartition {
    struct Standing: Sendable {
        var orders: [OpenOrder] = []
        var isStopped = false
    }

    /// Orders that a stop wants gone and that nobody can cancel in the usual way, which begins on the log.
    ///
    /// Asked for while the owner waits for an append, or for a log that is away: what it knew last is the best that
    /// anybody knows.
    func ordersToEnd() -> [OpenOrder] {
        guard let since = unwrittenSince, ContinuousClock.now - since >= timing.controlLease else { return [] }
        let known = life.flatMap { $0.isOwned ? standing(of: $0) : nil } ?? lastStanding
        return known.isStopped || setup.localStop().isEngaged ? known.orders : []
    }

    func standing(of life: RouterLife) -> Standing {
        let state = life.memory.state
        var orders = state.openOrders
        for answer in life.unsaved + inbox.answers {
            if let order = state.openOrder(in: answer), !orders.contains(order) { orders.append(order) }
        }
        return Standing(orders: orders, isStopped: state.isStopped)
    }

    /// Its end was asked for: the cancellation that is written later says so.
    func asked(_ order: OpenOrder, at moment: Timestamp) {
        askedUnwritten[order.orderID] = moment
        life?.session.askedUnwritten[order.orderID] = moment
        note(.unwritten, "the end of order \(order.orderID) was asked for, and cannot be written down now")
    }

    /// Everything that was decided is on the log.
    func wrote() {
        unwrittenSince = nil
        askedUnwritten = [:]
    }
}
