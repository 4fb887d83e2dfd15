/// Whether the canary may go on.
///
/// Payloads are boxed: an event is then small, and cheap to pass on, whatever it holds.
public indirect enum Canary: Sendable, Equatable {
    case canaryJudged(CanaryJudged)
    case incidentOpened(IncidentOpened)
    case incidentResolved(IncidentResolved)
    case rolloutStepTaken(RolloutStepTaken)

    /// The names of the types: storage format, never changed.
    public enum Kind: String, Sendable, CaseIterable {
        case canaryJudged = "canary.verdict_reached"
        case incidentOpened = "canary.incident_opened"
        case incidentResolved = "canary.incident_resolved"
        case rolloutStepTaken = "canary.rollout_step_taken"
    }

    @inlinable
    public var kind: Kind {
        switch self {
        case .canaryJudged: .canaryJudged
        case .incidentOpened: .incidentOpened
        case .incidentResolved: .incidentResolved
        case .rolloutStepTaken: .rolloutStepTaken
        }
    }

    @inlinable
    static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ kind: Kind, from source: inout Source
    ) throws(Source.Failure) -> Self {
        switch kind {
        case .canaryJudged: .canaryJudged(try source.payload())
        case .incidentOpened: .incidentOpened(try source.payload())
        case .incidentResolved: .incidentResolved(try source.payload())
        case .rolloutStepTaken: .rolloutStepTaken(try source.payload())
        }
    }

    @inlinable
    func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(to viewer: inout Viewer) throws(Viewer.Failure) {
        switch self {
        case .canaryJudged(let payload): try viewer.view(payload)
        case .incidentOpened(let payload): try viewer.view(payload)
        case .incidentResolved(let payload): try viewer.view(payload)
        case .rolloutStepTaken(let payload): try viewer.view(payload)
        }
    }
}
