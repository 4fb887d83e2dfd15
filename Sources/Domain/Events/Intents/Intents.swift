/// What became of decisions: an intent, or the reasons why not.
///
/// Payloads are boxed: an event is then small, and cheap to pass on, whatever it holds.
public indirect enum Intents: Sendable, Equatable {
    case intentEmitted(IntentEmitted)
    case decisionRejected(DecisionRejected)
    case decisionBlocked(DecisionBlocked)
    case decisionConflicted(DecisionConflicted)

    /// The names of the types: storage format, never changed.
    public enum Kind: String, Sendable, CaseIterable {
        case intentEmitted = "intent.emitted"
        case decisionRejected = "decision.rejected"
        case decisionBlocked = "decision.blocked"
        case decisionConflicted = "decision.conflicted"
    }

    @inlinable
    public var kind: Kind {
        switch self {
        case .intentEmitted: .intentEmitted
        case .decisionRejected: .decisionRejected
        case .decisionBlocked: .decisionBlocked
        case .decisionConflicted: .decisionConflicted
        }
    }

    @inlinable
    static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ kind: Kind, from source: inout Source
    ) throws(Source.Failure) -> Self {
        switch kind {
        case .intentEmitted: .intentEmitted(try source.payload())
        case .decisionRejected: .decisionRejected(try source.payload())
        case .decisionBlocked: .decisionBlocked(try source.payload())
        case .decisionConflicted: .decisionConflicted(try source.payload())
        }
    }

    @inlinable
    func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(to viewer: inout Viewer) throws(Viewer.Failure) {
        switch self {
        case .intentEmitted(let payload): try viewer.view(payload)
        case .decisionRejected(let payload): try viewer.view(payload)
        case .decisionBlocked(let payload): try viewer.view(payload)
        case .decisionConflicted(let payload): try viewer.view(payload)
        }
    }
}
