/// What the broker says of orders, and what does not fit.
///
/// Payloads are boxed: an event is then small, and cheap to pass on, whatever it holds.
public indirect enum OrderEvents: Sendable, Equatable {
    case brokerUpdateRecorded(BrokerUpdateRecorded)
    case orderSnapshotObserved(OrderSnapshotObserved)
    case discrepancyFound(DiscrepancyFound)
    case discrepancyResolved(DiscrepancyResolved)

    /// The names of the types: storage format, never changed.
    public enum Kind: String, Sendable, CaseIterable {
        case brokerUpdateRecorded = "order.broker_update_recorded"
        case orderSnapshotObserved = "order.snapshot_observed"
        case discrepancyFound = "order.discrepancy_found"
        case discrepancyResolved = "order.discrepancy_resolved"
    }

    @inlinable
    public var kind: Kind {
        switch self {
        case .brokerUpdateRecorded: .brokerUpdateRecorded
        case .orderSnapshotObserved: .orderSnapshotObserved
        case .discrepancyFound: .discrepancyFound
        case .discrepancyResolved: .discrepancyResolved
        }
    }

    @inlinable
    static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ kind: Kind, from source: inout Source
    ) throws(Source.Failure) -> Self {
        switch kind {
        case .brokerUpdateRecorded: .brokerUpdateRecorded(try source.payload())
        case .orderSnapshotObserved: .orderSnapshotObserved(try source.payload())
        case .discrepancyFound: .discrepancyFound(try source.payload())
        case .discrepancyResolved: .discrepancyResolved(try source.payload())
        }
    }

    @inlinable
    func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(to viewer: inout Viewer) throws(Viewer.Failure) {
        switch self {
        case .brokerUpdateRecorded(let payload): try viewer.view(payload)
        case .orderSnapshotObserved(let payload): try viewer.view(payload)
        case .discrepancyFound(let payload): try viewer.view(payload)
        case .discrepancyResolved(let payload): try viewer.view(payload)
        }
    }
}
