/// What LEAN's strategies would have decided.
///
/// Payloads are boxed: an event is then small, and cheap to pass on, whatever it holds.
public indirect enum StrategyShadow: Sendable, Equatable {
    case strategyShadowEvaluated(StrategyShadowEvaluated)
    case strategyShadowFailed(StrategyShadowFailed)

    /// The names of the types: storage format, never changed.
    public enum Kind: String, Sendable, CaseIterable {
        case strategyShadowEvaluated = "strategy_shadow.evaluated"
        case strategyShadowFailed = "strategy_shadow.failed"
    }

    @inlinable
    public var kind: Kind {
        switch self {
        case .strategyShadowEvaluated: .strategyShadowEvaluated
        case .strategyShadowFailed: .strategyShadowFailed
        }
    }

    @inlinable
    static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ kind: Kind, from source: inout Source
    ) throws(Source.Failure) -> Self {
        switch kind {
        case .strategyShadowEvaluated: .strategyShadowEvaluated(try source.payload())
        case .strategyShadowFailed: .strategyShadowFailed(try source.payload())
        }
    }

    @inlinable
    func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(to viewer: inout Viewer) throws(Viewer.Failure) {
        switch self {
        case .strategyShadowEvaluated(let payload): try viewer.view(payload)
        case .strategyShadowFailed(let payload): try viewer.view(payload)
        }
    }
}
