/// What LEAN would have done with live intents.
///
/// Payloads are boxed: an event is then small, and cheap to pass on, whatever it holds.
public indirect enum Shadow: Sendable, Equatable {
    case shadowSimulated(ShadowSimulated)
    case shadowFailed(ShadowFailed)
    case shadowParityJudged(ShadowParityJudged)

    /// The names of the types: storage format, never changed.
    public enum Kind: String, Sendable, CaseIterable {
        case shadowSimulated = "shadow.simulated"
        case shadowFailed = "shadow.failed"
        case shadowParityJudged = "shadow.parity_judged"
    }

    @inlinable
    public var kind: Kind {
        switch self {
        case .shadowSimulated: .shadowSimulated
        case .shadowFailed: .shadowFailed
        case .shadowParityJudged: .shadowParityJudged
        }
    }

    @inlinable
    static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ kind: Kind, from source: inout Source
    ) throws(Source.Failure) -> Self {
        switch kind {
        case .shadowSimulated: .shadowSimulated(try source.payload())
        case .shadowFailed: .shadowFailed(try source.payload())
        case .shadowParityJudged: .shadowParityJudged(try source.payload())
        }
    }

    @inlinable
    func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(to viewer: inout Viewer) throws(Viewer.Failure) {
        switch self {
        case .shadowSimulated(let payload): try viewer.view(payload)
        case .shadowFailed(let payload): try viewer.view(payload)
        case .shadowParityJudged(let payload): try viewer.view(payload)
        }
    }
}
