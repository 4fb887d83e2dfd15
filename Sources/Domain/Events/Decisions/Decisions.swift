/// Decisions as they were recorded: what a strategy wants.
///
/// Payloads are boxed: an event is then small, and cheap to pass on, whatever it holds.
public indirect enum Decisions: Sendable, Equatable {
    case decisionRecorded(DecisionRecorded)

    /// The names of the types: storage format, never changed.
    public enum Kind: String, Sendable, CaseIterable {
        case decisionRecorded = "decision.recorded"
    }

    @inlinable
    public var kind: Kind {
        switch self {
        case .decisionRecorded: .decisionRecorded
        }
    }

    @inlinable
    static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ kind: Kind, from source: inout Source
    ) throws(Source.Failure) -> Self {
        switch kind {
        case .decisionRecorded: .decisionRecorded(try source.payload())
        }
    }

    @inlinable
    func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(to viewer: inout Viewer) throws(Viewer.Failure) {
        switch self {
        case .decisionRecorded(let payload): try viewer.view(payload)
        }
    }
}
