/// Records that could not be read or folded.
///
/// Payloads are boxed: an event is then small, and cheap to pass on, whatever it holds.
public indirect enum Quarantine: Sendable, Equatable {
    case recordParked(RecordParked)

    /// The names of the types: storage format, never changed.
    public enum Kind: String, Sendable, CaseIterable {
        case recordParked = "quarantine.record_parked"
    }

    @inlinable
    public var kind: Kind {
        switch self {
        case .recordParked: .recordParked
        }
    }

    @inlinable
    static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ kind: Kind, from source: inout Source
    ) throws(Source.Failure) -> Self {
        switch kind {
        case .recordParked: .recordParked(try source.payload())
        }
    }

    @inlinable
    func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(to viewer: inout Viewer) throws(Viewer.Failure) {
        switch self {
        case .recordParked(let payload): try viewer.view(payload)
        }
    }
}
