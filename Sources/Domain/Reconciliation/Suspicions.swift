public import Core

/// Differences that were seen and are not believed yet: what was said may be on its way.
///
/// One is believed when two answers in a row show it, and nothing has moved for a while. They are not on the log: after
/// a restart two more answers are waited for.
public struct Suspicions: Sendable {
    private struct Suspicion: Sendable {
        var difference: BookDifference
        var times: Int
        var seenAt: Timestamp
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

    /// Those that are believed now.
    public mutating func confirm(
        _ differences: [BookDifference], at now: Timestamp, grace: Duration
    ) -> [BookDifference] {
        var next: [DiscrepancyKey: Suspicion] = [:]
        var confirmed: [BookDifference] = []
        for difference in differences {
            let seenAt = difference.seenAt ?? now
            var suspicion = Suspicion(difference: difference, times: 1, seenAt: seenAt)
            if let known = held[difference.key], known.difference.isSame(as: difference) {
                suspicion.times = known.times + (seenAt > known.seenAt ? 1 : 0)
            }
            next[difference.key] = suspicion
            if suspicion.times >= 2, (difference.movedAt.advanced(by: grace) ?? .latest) <= now {
                confirmed.append(difference)
            }
        }
        held = next
        return confirmed
    }
}
