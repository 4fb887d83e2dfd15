internal import Core
internal import Domain

/// What a control event says, in the words that all of them share.
struct ControlWord: Sendable, Equatable {
    let control: String
    let scope: String
    let name: String
    let state: String
    let value: String?
    let actor: ActorName
    let reason: String
    let expiresAt: Moment?

    private init(
        _ control: String, _ order: ControlOrder, name: String = "", _ state: String, _ value: String? = nil,
        until expiry: Timestamp? = nil
    ) {
        self.control = control
        scope = order.scope.description
        self.name = name
        self.state = state
        self.value = value
        actor = order.actor
        reason = order.reason.text
        expiresAt = expiry.map(Moment.init)
    }

    init(_ event: Control, id: EventID) {
        switch event {
        case .killSwitchEngaged(let it): self.init("kill_switch", it.order, "engaged", it.killSource.rawValue)
        case .killSwitchReleased(let it): self.init("kill_switch", it.order, "released")
        case .killSwitchObserved(let it):
            self.init(
                "kill_switch_observation", it.order, name: it.process.text, "stopped", String(it.openOrders))
        case .laneDisabled(let it):
            self.init(
                "lane", it.order, name: it.lane.rawValue, it.dryRun == true ? "dry_run" : "disabled",
                it.incidentKey?.text)
        case .laneEnabled(let it): self.init("lane", it.order, name: it.lane.rawValue, "enabled")
        case .emergencyStopLatched(let it):
            let reasons = it.stopReasons.map(\.text).joined(separator: "; ")
            self.init("emergency_stop", it.order, "latched", reasons)
        case .emergencyStopCleared(let it): self.init("emergency_stop", it.order, "cleared")
        case .policyChanged(let it): self.init("policy", it.order, name: it.name.text, "in_force", "\(it.policyHash)")
        case .flagChanged(let it):
            self.init("flag", it.order, name: it.name.text, it.value == nil ? "unset" : "set", it.value?.text)
        case .overrideGranted(let it):
            self.init(
                "override", it.order, name: "\(id)", it.kind.rawValue, it.adapter?.rawValue, until: it.expiresAt)
        case .quarantineReleased(let it): self.init(it.record, it.order, "released")
        case .quarantineSkipped(let it): self.init(it.record, it.order, "skipped")
        case .quarantinePatched(let it): self.init(it.record, it.order, "patched")
        case .symbolReviewOpened(let it):
            self.init("symbol_review", it.order, name: it.symbol.text, "open", String(it.fallbackCount))
        case .symbolReviewClosed(let it): self.init("symbol_review", it.order, name: it.symbol.text, "closed")
        case .breakerJudged(let it):
            self.init(
                "breaker", it.order, name: it.adapter.rawValue, it.breakerState.rawValue,
                it.errorRate.map { "\($0)" }, until: it.retryAt)
        case .runnerHealthObserved(let it):
            self.init(
                "runner_health", it.order, name: it.address.text, it.health.rawValue, it.contractVersion?.text)
        case .strategyEnabled(let it):
            self.init(
                "strategy", it.order, name: it.strategyID.text, "enabled", it.definitionHash.map { "\($0)" })
        case .strategyDisabled(let it): self.init("strategy", it.order, name: it.strategyID.text, "disabled")
        case .streamLeaseTaken(let it):
            self.init(
                "stream_lease", it.order, name: it.stream.text, "taken", it.process.text, until: it.expiresAt)
        case .canaryEvaluated(let it): self.init("canary", it.order, "evaluated", "\(it.evaluatedAt)")
        }
    }

    private init(_ record: ParkedKey, _ order: ControlOrder, _ state: String) {
        self.init(Self.quarantine, order, name: record.place, state, record.projection.text)
    }

    private static let quarantine = "quarantine"

    /// What operators do about records is history, and no state of control.
    var isState: Bool { control != Self.quarantine }
}
