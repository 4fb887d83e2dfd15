/// What is in force, who set it, and why.
///
/// Payloads are boxed: an event is then small, and cheap to pass on, whatever it holds.
public indirect enum Control: Sendable, Equatable {
    case killSwitchEngaged(KillSwitchEngaged)
    case killSwitchReleased(KillSwitchReleased)
    case killSwitchObserved(KillSwitchObserved)
    case laneDisabled(LaneDisabled)
    case laneEnabled(LaneEnabled)
    case emergencyStopLatched(EmergencyStopLatched)
    case emergencyStopCleared(EmergencyStopCleared)
    case policyChanged(PolicyChanged)
    case flagChanged(FlagChanged)
    case overrideGranted(OverrideGranted)
    case quarantineReleased(QuarantineReleased)
    case quarantineSkipped(QuarantineSkipped)
    case quarantinePatched(QuarantinePatched)
    case symbolReviewOpened(SymbolReviewOpened)
    case symbolReviewClosed(SymbolReviewClosed)
    case breakerJudged(BreakerJudged)
    case runnerHealthObserved(RunnerHealthObserved)
    case strategyEnabled(StrategyEnabled)
    case strategyDisabled(StrategyDisabled)
    case streamLeaseTaken(StreamLeaseTaken)
    case canaryEvaluated(CanaryEvaluated)

    /// The names of the types: storage format, never changed.
    public enum Kind: String, Sendable, CaseIterable {
        case killSwitchEngaged = "control.kill_switch_engaged"
        case killSwitchReleased = "control.kill_switch_released"
        case killSwitchObserved = "control.kill_switch_observed"
        case laneDisabled = "control.lane_disabled"
        case laneEnabled = "control.lane_enabled"
        case emergencyStopLatched = "control.emergency_stop_latched"
        case emergencyStopCleared = "control.emergency_stop_cleared"
        case policyChanged = "control.policy_changed"
        case flagChanged = "control.flag_changed"
        case overrideGranted = "control.override_granted"
        case quarantineReleased = "control.quarantine_released"
        case quarantineSkipped = "control.quarantine_skipped"
        case quarantinePatched = "control.quarantine_patched"
        case symbolReviewOpened = "control.symbol_review_opened"
        case symbolReviewClosed = "control.symbol_review_closed"
        case breakerJudged = "control.breaker_judged"
        case runnerHealthObserved = "control.runner_health_observed"
        case strategyEnabled = "control.strategy_enabled"
        case strategyDisabled = "control.strategy_disabled"
        case streamLeaseTaken = "control.stream_lease_taken"
        case canaryEvaluated = "control.canary_evaluated"
    }

    @inlinable
    public var kind: Kind {
        switch self {
        case .killSwitchEngaged: .killSwitchEngaged
        case .killSwitchReleased: .killSwitchReleased
        case .killSwitchObserved: .killSwitchObserved
        case .laneDisabled: .laneDisabled
        case .laneEnabled: .laneEnabled
        case .emergencyStopLatched: .emergencyStopLatched
        case .emergencyStopCleared: .emergencyStopCleared
        case .policyChanged: .policyChanged
        case .flagChanged: .flagChanged
        case .overrideGranted: .overrideGranted
        case .quarantineReleased: .quarantineReleased
        case .quarantineSkipped: .quarantineSkipped
        case .quarantinePatched: .quarantinePatched
        case .symbolReviewOpened: .symbolReviewOpened
        case .symbolReviewClosed: .symbolReviewClosed
        case .breakerJudged: .breakerJudged
        case .runnerHealthObserved: .runnerHealthObserved
        case .strategyEnabled: .strategyEnabled
        case .strategyDisabled: .strategyDisabled
        case .streamLeaseTaken: .streamLeaseTaken
        case .canaryEvaluated: .canaryEvaluated
        }
    }

    @inlinable
    static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ kind: Kind, from source: inout Source
    ) throws(Source.Failure) -> Self {
        switch kind {
        case .killSwitchEngaged: .killSwitchEngaged(try source.payload())
        case .killSwitchReleased: .killSwitchReleased(try source.payload())
        case .killSwitchObserved: .killSwitchObserved(try source.payload())
        case .laneDisabled: .laneDisabled(try source.payload())
        case .laneEnabled: .laneEnabled(try source.payload())
        case .emergencyStopLatched: .emergencyStopLatched(try source.payload())
        case .emergencyStopCleared: .emergencyStopCleared(try source.payload())
        case .policyChanged: .policyChanged(try source.payload())
        case .flagChanged: .flagChanged(try source.payload())
        case .overrideGranted: .overrideGranted(try source.payload())
        case .quarantineReleased: .quarantineReleased(try source.payload())
        case .quarantineSkipped: .quarantineSkipped(try source.payload())
        case .quarantinePatched: .quarantinePatched(try source.payload())
        case .symbolReviewOpened: .symbolReviewOpened(try source.payload())
        case .symbolReviewClosed: .symbolReviewClosed(try source.payload())
        case .breakerJudged: .breakerJudged(try source.payload())
        case .runnerHealthObserved: .runnerHealthObserved(try source.payload())
        case .strategyEnabled: .strategyEnabled(try source.payload())
        case .strategyDisabled: .strategyDisabled(try source.payload())
        case .streamLeaseTaken: .streamLeaseTaken(try source.payload())
        case .canaryEvaluated: .canaryEvaluated(try source.payload())
        }
    }

    @inlinable
    func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(to viewer: inout Viewer) throws(Viewer.Failure) {
        switch self {
        case .killSwitchEngaged(let payload): try viewer.view(payload)
        case .killSwitchReleased(let payload): try viewer.view(payload)
        case .killSwitchObserved(let payload): try viewer.view(payload)
        case .laneDisabled(let payload): try viewer.view(payload)
        case .laneEnabled(let payload): try viewer.view(payload)
        case .emergencyStopLatched(let payload): try viewer.view(payload)
        case .emergencyStopCleared(let payload): try viewer.view(payload)
        case .policyChanged(let payload): try viewer.view(payload)
        case .flagChanged(let payload): try viewer.view(payload)
        case .overrideGranted(let payload): try viewer.view(payload)
        case .quarantineReleased(let payload): try viewer.view(payload)
        case .quarantineSkipped(let payload): try viewer.view(payload)
        case .quarantinePatched(let payload): try viewer.view(payload)
        case .symbolReviewOpened(let payload): try viewer.view(payload)
        case .symbolReviewClosed(let payload): try viewer.view(payload)
        case .breakerJudged(let payload): try viewer.view(payload)
        case .runnerHealthObserved(let payload): try viewer.view(payload)
        case .strategyEnabled(let payload): try viewer.view(payload)
        case .strategyDisabled(let payload): try viewer.view(payload)
        case .streamLeaseTaken(let payload): try viewer.view(payload)
        case .canaryEvaluated(let payload): try viewer.view(payload)
        }
    }
}
