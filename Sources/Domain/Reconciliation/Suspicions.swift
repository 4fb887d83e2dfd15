public import Core

/// Differences that were seen and are not believed yet: what was said may be on its way.
///
/// One is believed when two answers show it, and nothing has moved for a while. They are not on the log: after a restart
/// two more answers are waited for.
public struct Suspicions: Sendable {
    fileprivate struct Suspicion: Sendable {
        var difference: BookDifference
        var times: Int
        var seenAt: Timestamp
        /// When it was seen first.
        var since: Timestamp
    }

    private var held: [DiscrepancyKey: Suspicion] = [:]

    public init() {}

    public var count: Int { held.count }

    /// Whether another answer about this order is waited for.
    public func awaits(_ order: ReconciledOrder) -> Bool {
        Self.kinds.contains { kind in held[DiscrepancyKey(order.account, order, kind)].map { $0.times < 2 } ?? false }
    }

    private static let kinds: [DiscrepancyKind] = [
        .missingFill, .extraFill, .statusMismatch, .qtyMismatch, .priceMismatch, .missingAtBroker,
    ]

    /// Those that are believed now; what rests on the stream no sooner than a while after all it said was read.
    public mutating func confirm(
        _ comparison: BookComparison, in state: ReconcileState, at now: Timestamp, grace: Duration,
        caughtUpAt: Timestamp = .earliest
    ) -> [BookDifference] {
        var next: [DiscrepancyKey: Suspicion] = [:]
        var confirmed: [BookDifference] = []
        for difference in comparison.differences {
            let seenAt = difference.seenAt ?? now
            var suspicion = Suspicion(difference: difference, times: 1, seenAt: seenAt, since: now)
            if let known = held[difference.key], known.difference.isSame(as: difference) {
                suspicion.times = known.times + (seenAt > known.seenAt ? 1 : 0)
                suspicion.since = known.since
            }
            next[difference.key] = suspicion
            if suspicion.isBelieved(at: now, grace, caughtUpAt) { confirmed.append(difference) }
        }
        for (key, known) in held.sorted(by: { $0.key < $1.key }) where next[key] == nil {
            guard Self.outlasts(known, comparison, state) else { continue }
            next[key] = known
            if key.kind == .missingAtBroker, known.isBelieved(at: now, grace, caughtUpAt) {
                confirmed.append(known.difference)
            }
        }
        held = next
        return confirmed
    }

    /// Whether a comparison that does not show it could not have shown it: many orders are asked for one after another.
    private static func outlasts(
        _ known: Suspicion, _ comparison: BookComparison, _ state: ReconcileState
    ) -> Bool {
        let difference = known.difference
        if difference.kind.isOfHolding { return !comparison.hasCompared(difference.key) }
        guard difference.kind == .missingAtBroker, !comparison.hasAnswer(difference.key),
            let order = state.order(
                difference.key.account, difference.order.clientOrderID, difference.order.alpacaOrderID)
        else { return false }
        return order.isOurs && !order.isEnded && order.heardAt <= known.seenAt
    }
}

extension Suspicions.Suspicion {
    fileprivate func isBelieved(at now: Timestamp, _ grace: Duration, _ caughtUpAt: Timestamp) -> Bool {
        guard times >= 2 else { return false }
        // An account that trades is never still for long: both answers came when it was.
        var quietSince = difference.kind.isOfHolding ? since : difference.movedAt
        if difference.kind.restsOnStream { quietSince = max(quietSince, caughtUpAt) }
        return (quietSince.advanced(by: grace) ?? .latest) <= now
    }
}
