public import Core

extension Event {
    /// What orders this event among others of its topic; `nil` lets it lie anywhere.
    ///
    /// Keys are storage format: another key would put the story of one symbol into two partitions.
    public var key: [UInt8]? {
        switch content {
        case .decisions, .intents, .route, .orderEvents, .shadow: envelope.symbol.map { Array($0.text.utf8) }
        case .account: envelope.account.map { Array($0.text.utf8) }
        case .strategyShadow(let event): Array(event.strategy.text.utf8)
        case .backtests(let event): Array(event.run.backtestID.text.utf8)
        case .canary: Array("canary".utf8)
        case .control(let event): Array(event.order.scope.description.utf8)
        case .heartbeats(.heartbeatRecorded(let beat)): Array("\(beat.process.text)/\(beat.role.rawValue)".utf8)
        case .quarantine(.recordParked(let parked)): parked.record.recordKey?.bytes ?? Array(parked.record.place.utf8)
        }
    }
}

extension StrategyShadow {
    public var strategy: StrategyID {
        switch self {
        case .strategyShadowEvaluated(let event): event.strategyID
        case .strategyShadowFailed(let event): event.strategyID
        }
    }
}

extension Backtests {
    /// The whole state of the run, which every event carries.
    public var run: BacktestRun {
        switch self {
        case .backtestSubmitted(let event): event.run
        case .backtestStarted(let event): event.run
        case .backtestCompleted(let event): event.run
        case .backtestFailed(let event): event.run
        }
    }
}

extension ParkedKey {
    /// Where the record lies, as one text.
    public var place: String { "\(sourceTopic.text)/\(sourcePartition)/\(sourceOffset)" }
}

extension Control {
    /// Who ordered it, about what, and why.
    public var order: ControlOrder {
        switch self {
        case .killSwitchEngaged(let event): event.order
        case .killSwitchReleased(let event): event.order
        case .killSwitchObserved(let event): event.order
        case .laneDisabled(let event): event.order
        case .laneEnabled(let event): event.order
        case .emergencyStopLatched(let event): event.order
        case .emergencyStopCleared(let event): event.order
        case .policyChanged(let event): event.order
        case .flagChanged(let event): event.order
        case .overrideGranted(let event): event.order
        case .quarantineReleased(let event): event.order
        case .quarantineSkipped(let event): event.order
        case .quarantinePatched(let event): event.order
        case .symbolReviewOpened(let event): event.order
        case .symbolReviewClosed(let event): event.order
        case .breakerJudged(let event): event.order
        case .runnerHealthObserved(let event): event.order
        case .strategyEnabled(let event): event.order
        case .strategyDisabled(let event): event.order
        case .streamLeaseTaken(let event): event.order
        case .canaryEvaluated(let event): event.order
        }
    }
}
