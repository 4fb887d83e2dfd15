public import Core

/// What control.v1 says of how things are: adapters as they were seen, who has the broker's stream, and flags.
public struct ControlSightings: Sendable {
    /// What somebody found when he asked an adapter how it is.
    public struct AdapterWord: Sendable, Equatable {
        public let health: HealthState
        public let observedAt: Timestamp
        public let detail: String
        public let by: ActorName
        public let latencyMicroseconds: Int64?
    }

    /// A flag that was changed while everything ran.
    public struct FlagWord: Sendable, Equatable {
        public let name: Label
        public let value: String?
        public let source: FlagSource
        public let changedAt: Timestamp
        public let by: ActorName
    }

    public private(set) var adapters: [Adapter: AdapterWord] = [:]
    /// The latest word of whoever has a stream, by the stream's name.
    public private(set) var streams: [Label: StreamLeaseTaken] = [:]
    /// The latest change of each flag; a thousand of them at most.
    public private(set) var flags: [Label: FlagWord] = [:]
    /// Everything that is in force.
    public private(set) var state = ControlState()

    public static let maximumFlags = 1_000

    public init() {}

    public mutating func fold(_ event: Control, _ envelope: Envelope, at offset: Int64) {
        state.fold(event, envelope, at: offset)
        switch event {
        case .runnerHealthObserved(let seen): observe(seen)
        case .streamLeaseTaken(let lease):
            guard lease.epoch >= streams[lease.stream]?.epoch ?? 0 else { return }
            streams[lease.stream] = lease
        case .flagChanged(let change):
            guard flags.count < Self.maximumFlags || flags[change.name] != nil else { return }
            flags[change.name] = FlagWord(
                name: change.name, value: change.value?.text, source: change.flagSource, changedAt: envelope.eventTime,
                by: change.order.actor)
        case .killSwitchEngaged, .killSwitchReleased, .killSwitchObserved, .laneDisabled, .laneEnabled,
            .emergencyStopLatched, .emergencyStopCleared, .policyChanged, .overrideGranted, .quarantineReleased,
            .quarantineSkipped, .quarantinePatched, .symbolReviewOpened, .symbolReviewClosed, .breakerJudged,
            .strategyEnabled, .strategyDisabled, .canaryEvaluated:
            return
        }
    }

    private mutating func observe(_ seen: RunnerHealthObserved) {
        var adapter = Adapter.lean
        if case .adapter(let named) = seen.order.scope { adapter = named }
        if let known = adapters[adapter], known.observedAt > seen.observedAt { return }
        adapters[adapter] = AdapterWord(
            health: seen.health, observedAt: seen.observedAt, detail: seen.detail?.text ?? seen.order.reason.text,
            by: seen.order.actor, latencyMicroseconds: seen.latencyMicroseconds)
    }
}
