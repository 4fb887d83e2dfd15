public import Core

/// Which orders are to be asked for by themselves, and in which order.
///
/// What the feed made final is asked for only where an answer that came last does not fit it.
public struct OrdersToAsk: Sendable {
    private let silence: Duration
    /// When orders were last asked for by themselves, by their numbers.
    private var asked: [Int64: Timestamp] = [:]

    public init(silence: Duration) { self.silence = silence }

    /// Remembers who was asked for; of those that are over nothing is kept.
    public mutating func note(_ round: [Int64: Timestamp], watching state: ReconcileState) {
        asked = asked.merging(round) { $1 }.filter { state.book.watched.contains($0.key) }
    }

    /// The longest silent ones first.
    public func orders(
        of account: AccountLabel, in state: ReconcileState, _ suspicions: Suspicions, isListWhole: Bool,
        found: Set<BrokerOrderID>, at now: Timestamp
    ) -> [ReconciledOrder] {
        state.watchedOrders(of: account)
            .filter { isWanted($0, state, suspicions, isListWhole, found, now) }
            .sorted { (silentSince($0), $0.number) < (silentSince($1), $1.number) }
    }

    private func silentSince(_ order: ReconciledOrder) -> Timestamp {
        max(order.heardAt, asked[order.number] ?? .earliest)
    }

    private func isWanted(
        _ order: ReconciledOrder, _ state: ReconcileState, _ suspicions: Suspicions, _ isListWhole: Bool,
        _ found: Set<BrokerOrderID>, _ now: Timestamp
    ) -> Bool {
        // Over: asked once more where an answer that came last did not fit, for only two of them are believed.
        guard !order.told.isEnded else { return order.isReadFresh && suspicions.awaits(order) }
        let isSilent = (silentSince(order).advanced(by: silence) ?? .latest) <= now
        // Without the broker's id it is an attempt, and first the router's business.
        guard let id = order.alpacaOrderID, !found.contains(id) else { return isSilent }
        // One answer that it is over is not believed; two are.
        if order.read?.isEnded ?? false { return suspicions.awaits(order) }
        // He said twice that he has none: he is asked now and then.
        if state.open[order.absenceKey] != nil { return isSilent }
        return isListWhole || isSilent
    }
}
