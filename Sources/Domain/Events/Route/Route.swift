/// Every step an intent takes through an adapter.
///
/// Payloads are boxed: an event is then small, and cheap to pass on, whatever it holds.
public indirect enum Route: Sendable, Equatable {
    case attemptPrepared(AttemptPrepared)
    case attemptSent(AttemptSent)
    case attemptAccepted(AttemptAccepted)
    case attemptRejected(AttemptRejected)
    case attemptUnknown(AttemptUnknown)
    case attemptResolved(AttemptResolved)
    case fallbackDecided(FallbackDecided)
    case intentHeld(IntentHeld)
    case intentReleased(IntentReleased)
    case intentWithdrawn(IntentWithdrawn)
    case cancelRequested(CancelRequested)
    case cancelConfirmed(CancelConfirmed)
    case cancelRefused(CancelRefused)
    case replaceRequested(ReplaceRequested)
    case replaceDone(ReplaceDone)
    case replaceRefused(ReplaceRefused)
    case idsDiverged(IdsDiverged)

    /// The names of the types: storage format, never changed.
    public enum Kind: String, Sendable, CaseIterable {
        case attemptPrepared = "route.attempt_prepared"
        case attemptSent = "route.attempt_sent"
        case attemptAccepted = "route.attempt_accepted"
        case attemptRejected = "route.attempt_rejected"
        case attemptUnknown = "route.attempt_unknown"
        case attemptResolved = "route.attempt_resolved"
        case fallbackDecided = "route.fallback_decided"
        case intentHeld = "route.intent_held"
        case intentReleased = "route.intent_released"
        case intentWithdrawn = "route.intent_withdrawn"
        case cancelRequested = "route.cancel_requested"
        case cancelConfirmed = "route.cancel_confirmed"
        case cancelRefused = "route.cancel_refused"
        case replaceRequested = "route.replace_requested"
        case replaceDone = "route.replace_done"
        case replaceRefused = "route.replace_refused"
        case idsDiverged = "route.ids_divergent"
    }

    @inlinable
    public var kind: Kind {
        switch self {
        case .attemptPrepared: .attemptPrepared
        case .attemptSent: .attemptSent
        case .attemptAccepted: .attemptAccepted
        case .attemptRejected: .attemptRejected
        case .attemptUnknown: .attemptUnknown
        case .attemptResolved: .attemptResolved
        case .fallbackDecided: .fallbackDecided
        case .intentHeld: .intentHeld
        case .intentReleased: .intentReleased
        case .intentWithdrawn: .intentWithdrawn
        case .cancelRequested: .cancelRequested
        case .cancelConfirmed: .cancelConfirmed
        case .cancelRefused: .cancelRefused
        case .replaceRequested: .replaceRequested
        case .replaceDone: .replaceDone
        case .replaceRefused: .replaceRefused
        case .idsDiverged: .idsDiverged
        }
    }

    @inlinable
    static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ kind: Kind, from source: inout Source
    ) throws(Source.Failure) -> Self {
        switch kind {
        case .attemptPrepared: .attemptPrepared(try source.payload())
        case .attemptSent: .attemptSent(try source.payload())
        case .attemptAccepted: .attemptAccepted(try source.payload())
        case .attemptRejected: .attemptRejected(try source.payload())
        case .attemptUnknown: .attemptUnknown(try source.payload())
        case .attemptResolved: .attemptResolved(try source.payload())
        case .fallbackDecided: .fallbackDecided(try source.payload())
        case .intentHeld: .intentHeld(try source.payload())
        case .intentReleased: .intentReleased(try source.payload())
        case .intentWithdrawn: .intentWithdrawn(try source.payload())
        case .cancelRequested: .cancelRequested(try source.payload())
        case .cancelConfirmed: .cancelConfirmed(try source.payload())
        case .cancelRefused: .cancelRefused(try source.payload())
        case .replaceRequested: .replaceRequested(try source.payload())
        case .replaceDone: .replaceDone(try source.payload())
        case .replaceRefused: .replaceRefused(try source.payload())
        case .idsDiverged: .idsDiverged(try source.payload())
        }
    }

    @inlinable
    func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(to viewer: inout Viewer) throws(Viewer.Failure) {
        switch self {
        case .attemptPrepared(let payload): try viewer.view(payload)
        case .attemptSent(let payload): try viewer.view(payload)
        case .attemptAccepted(let payload): try viewer.view(payload)
        case .attemptRejected(let payload): try viewer.view(payload)
        case .attemptUnknown(let payload): try viewer.view(payload)
        case .attemptResolved(let payload): try viewer.view(payload)
        case .fallbackDecided(let payload): try viewer.view(payload)
        case .intentHeld(let payload): try viewer.view(payload)
        case .intentReleased(let payload): try viewer.view(payload)
        case .intentWithdrawn(let payload): try viewer.view(payload)
        case .cancelRequested(let payload): try viewer.view(payload)
        case .cancelConfirmed(let payload): try viewer.view(payload)
        case .cancelRefused(let payload): try viewer.view(payload)
        case .replaceRequested(let payload): try viewer.view(payload)
        case .replaceDone(let payload): try viewer.view(payload)
        case .replaceRefused(let payload): try viewer.view(payload)
        case .idsDiverged(let payload): try viewer.view(payload)
        }
    }
}
