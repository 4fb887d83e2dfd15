public import Core

/// Everything that control.v1 has in force: one fold for the decider, the router and the gates.
public struct ControlState: FieldRecord {
    public private(set) var kill = KillSwitch()
    public private(set) var stop = EmergencyStop()
    /// Lanes that are not simply on.
    public private(set) var lanes = KeyedRows<LaneStanding>()
    public private(set) var reviews = KeyedRows<ReviewedSymbol>()
    public private(set) var strategies = KeyedRows<StrategyStanding>()
    public private(set) var adapters = KeyedRows<AdapterStanding>()
    public private(set) var streams = KeyedRows<StreamWord>()
    public private(set) var overrides: [GrantedOverride] = []
    /// How far control was folded: everything before this offset.
    public private(set) var position: Int64 = 0

    /// Exceptions that have not expired; further ones take the place of the oldest.
    public static let maximumOverrides = 1024

    public init() {}
    public init(unread: Unread) {}

    /// The offset is that of the event's record.
    public mutating func fold(_ event: Control, _ envelope: Envelope, at offset: Int64) {
        // What was patched lies before others that were folded already.
        position = max(position, offset + 1)
        switch event {
        case .killSwitchEngaged(let event): kill.fold(event, envelope)
        case .killSwitchReleased(let event): kill.fold(event)
        case .laneDisabled(let event): lanes.put(LaneStanding(event, envelope))
        case .laneEnabled(let event): lanes.remove(event.lane.rawValue)
        case .emergencyStopLatched(let event): stop.fold(event, envelope)
        case .emergencyStopCleared(let event): stop.fold(event)
        case .overrideGranted(let event): grant(event, envelope, at: offset)
        case .symbolReviewOpened(let event):
            reviews.put(ReviewedSymbol(symbol: event.symbol, openedBy: envelope.eventID))
        case .symbolReviewClosed(let event): close(event)
        case .breakerJudged(let event): judge(event, envelope)
        case .runnerHealthObserved(let event): observe(event)
        case .strategyEnabled(let event):
            strategies.put(
                StrategyStanding(
                    strategy: event.strategyID, isEnabled: true, changedBy: envelope.eventID,
                    definitionHash: event.definitionHash))
        case .strategyDisabled(let event):
            strategies.put(
                StrategyStanding(
                    strategy: event.strategyID, isEnabled: false, changedBy: envelope.eventID,
                    definitionHash: strategies[event.strategyID]?.definitionHash))
        case .streamLeaseTaken(let event):
            // Whoever was succeeded has no say any more.
            guard event.epoch >= streams[event.stream]?.epoch ?? 0 else { break }
            streams.put(StreamWord(stream: event.stream, epoch: event.epoch, readyUntil: event.readyUntil))
        case .killSwitchObserved, .policyChanged, .flagChanged, .quarantineReleased, .quarantineSkipped,
            .quarantinePatched, .canaryEvaluated:
            break
        }
    }

    private mutating func grant(_ event: OverrideGranted, _ envelope: Envelope, at offset: Int64) {
        overrides.removeAll { $0.expiresAt <= envelope.ingestTime }
        guard let granted = GrantedOverride(event, envelope, at: offset) else { return }
        if overrides.count == Self.maximumOverrides { overrides.removeFirst() }
        overrides.append(granted)
    }

    /// A closing that names another opening came too late.
    private mutating func close(_ event: SymbolReviewClosed) {
        guard let open = reviews[event.symbol] else { return }
        if let named = event.openedEventID, named != open.openedBy { return }
        reviews.remove(event.symbol)
    }

    private mutating func judge(_ event: BreakerJudged, _ envelope: Envelope) {
        var row = adapters[event.adapter.rawValue] ?? AdapterStanding(event.adapter)
        row.breaker = event.breakerState
        row.breakerJudgedBy = envelope.eventID
        row.breakerJudgedAt = event.window.evaluatedAt
        row.probesAllowed = event.probesAllowed
        row.probePartition = event.probePartition
        row.retryAt = event.retryAt
        adapters.put(row)
    }

    private mutating func observe(_ event: RunnerHealthObserved) {
        var adapter = Adapter.lean
        if case .adapter(let named) = event.order.scope { adapter = named }
        var row = adapters[adapter.rawValue] ?? AdapterStanding(adapter)
        if let seen = row.healthObservedAt, seen > event.observedAt { return }
        row.health = event.health
        row.healthObservedAt = event.observedAt
        adapters.put(row)
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("kill", &kill, "The kill switch.")
        try fields.field("stop", &stop, "The emergency stop.")
        try lanes.walk("lanes", &fields)
        try reviews.walk("reviews", &fields)
        try strategies.walk("strategies", &fields)
        try adapters.walk("adapters", &fields)
        try streams.walk("streams", &fields)
        try fields.list("overrides", &overrides, 0...Self.maximumOverrides, "Exceptions.")
        try fields.field("position", &position, "How far control was folded.")
    }
}

extension ControlState {
    public func isEngaged(with local: LocalStop) -> Bool { kill.isEngaged || local.isEngaged }

    /// On, off, or tried out without consequences.
    public func mode(of lane: Lane) -> LaneMode { lanes[lane.rawValue]?.mode ?? .on }

    public func standing(of adapter: Adapter) -> AdapterStanding {
        adapters[adapter.rawValue] ?? AdapterStanding(adapter)
    }

    /// Whether the holder of this account's update stream said that it is ready, and said so not too long ago.
    public func isStreamReady(of account: AccountLabel, at now: Timestamp) -> Bool {
        streams[StreamLeaseTaken.updates(of: account)]?.readyUntil.map { now < $0 } ?? false
    }

    /// The exception for this intent that has not expired and names no attempt, the latest first.
    public func override(_ kind: OverrideKind, for intent: IntentID, at now: Timestamp) -> GrantedOverride? {
        overrides.last {
            $0.kind == kind && $0.intentID == intent && now < $0.expiresAt && $0.attemptID == nil
        }
    }

    /// What an operator said of this attempt, and has not expired, the latest first.
    func word(_ kind: OverrideKind, of intent: IntentID, _ attempt: RouteAttempt, at now: Timestamp) -> GrantedOverride?
    {
        overrides.last {
            $0.kind == kind && $0.intentID == intent && now < $0.expiresAt && $0.covers(attempt)
        }
    }
}
