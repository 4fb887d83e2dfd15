/// What an account holds.
///
/// Payloads are boxed: an event is then small, and cheap to pass on, whatever it holds.
public indirect enum Account: Sendable, Equatable {
    case accountSnapshotObserved(AccountSnapshotObserved)

    /// The names of the types: storage format, never changed.
    public enum Kind: String, Sendable, CaseIterable {
        case accountSnapshotObserved = "account.snapshot_observed"
    }

    @inlinable
    public var kind: Kind {
        switch self {
        case .accountSnapshotObserved: .accountSnapshotObserved
        }
    }

    @inlinable
    static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ kind: Kind, from source: inout Source
    ) throws(Source.Failure) -> Self {
        switch kind {
        case .accountSnapshotObserved: .accountSnapshotObserved(try source.payload())
        }
    }

    @inlinable
    func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(to viewer: inout Viewer) throws(Viewer.Failure) {
        switch self {
        case .accountSnapshotObserved(let payload): try viewer.view(payload)
        }
    }
}
