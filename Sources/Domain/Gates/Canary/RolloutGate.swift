public import Core

/// Whether a rollout may go further.
public enum RolloutGate {
    /// What stands against a step.
    public struct Obstacle: Sendable, Equatable {
        public let code: Code
        public let detail: String
    }

    /// All that a step is held against.
    public struct Evidence: Sendable {
        public let incidents: CanaryIncidents
        public let control: ControlState
        public let divergences: [ParityState.Divergence]
        public let routes: RouteComparison.Pair
        public let shadows: RouteComparison.Shadows
        public let standing: RolloutStanding
        /// By how much the furthest clock of a partition is ahead.
        public let ahead: Duration

        public init(
            incidents: CanaryIncidents, control: ControlState, divergences: [ParityState.Divergence],
            routes: RouteComparison.Pair, shadows: RouteComparison.Shadows, standing: RolloutStanding, ahead: Duration
        ) {
            self.incidents = incidents
            self.control = control
            self.divergences = divergences
            self.routes = routes
            self.shadows = shadows
            self.standing = standing
            self.ahead = ahead
        }
    }

    /// Steps that put more orders on LEAN; the others are always allowed once a rollout has begun.
    public static func isForward(_ phase: RolloutPhase) -> Bool {
        switch phase {
        case .paper, .canary, .wider, .started, .widened, .finished: true
        case .planned, .held, .rolledBack: false
        }
    }

    /// Everything that stands against the step, not only the first.
    public static func obstacles(
        to step: RolloutPhase, _ evidence: Evidence, _ inForce: PolicyInForce, at now: Timestamp
    ) -> [Obstacle] {
        let policy = inForce.policy.gates.canary
        var found: [Obstacle] = []
        if let why = evidence.standing.refusal(of: step) { found.append(obstacle("out_of_order", why)) }
        guard isForward(step) else { return found }
        found += stops(evidence) + mismatches(evidence, policy) + costs(evidence.routes, policy)
        // On paper the canary begins: nothing can have been judged before.
        if step != .paper { found += verdicts(evidence, inForce, at: now) }
        return found
    }

    private static func obstacle(_ code: StaticString, _ detail: String) -> Obstacle {
        Obstacle(code: Code(trusted: "\(code)"), detail: detail)
    }

    /// What has stopped LEAN, or all.
    private static func stops(_ evidence: Evidence) -> [Obstacle] {
        var found: [Obstacle] = []
        if let latch = evidence.control.stop.latches.last {
            found.append(obstacle("emergency_stop", "latched at \(latch.latchedAt)"))
        }
        for lane in [Lane.execution, .liveCanaryExecution] where evidence.control.mode(of: lane) == .off {
            found.append(obstacle("lane_off", lane.rawValue))
        }
        for row in evidence.incidents.open { found.append(obstacle("incident_open", row.incidentKey.text)) }
        return found
    }

    /// The critical parity mismatch: shadows that drift, or order ids of the two routes that diverged.
    private static func mismatches(_ evidence: Evidence, _ policy: CanaryPolicy) -> [Obstacle] {
        var found: [Obstacle] = []
        if let verdict = evidence.incidents.conclusive[BreachType.parityMismatch.rawValue], verdict.verdict == .breach {
            let observed = verdict.observed.map { "\($0)" } ?? "?"
            found.append(obstacle("parity_mismatch", "shadows drift: \(observed) of them"))
        } else if let ratio = evidence.shadows.driftRatio, evidence.shadows.judged >= policy.minimumSample,
            ratio > policy.rolloutDriftRatioLimit
        {
            found.append(
                obstacle(
                    "parity_mismatch",
                    "shadows drift: \(ratio) of them, and \(policy.rolloutDriftRatioLimit) is the limit")
            )
        }
        for divergence in evidence.divergences {
            // A rollout that was taken back since then begins on paper with what was found.
            if let back = evidence.standing.rolledBackAt, back > divergence.foundAt { continue }
            let whose = divergence.strategy?.text ?? "no strategy"
            found.append(obstacle("order_ids_diverged", "an order of \(whose), since \(divergence.foundAt)"))
        }
        return found
    }

    /// With too few fills on either side they say nothing.
    private static func costs(_ routes: RouteComparison.Pair, _ policy: CanaryPolicy) -> [Obstacle] {
        guard min(routes.lean.filled, routes.alpaca.filled) >= policy.minimumSample else { return [] }
        var found: [Obstacle] = []
        if let shortfall = routes.shortfall, shortfall > policy.shortfallLimitBps {
            found.append(
                obstacle(
                    "shortfall_bps", "\(shortfall) bps above Alpaca's, and \(policy.shortfallLimitBps) is the limit"))
        }
        if let slippage = routes.slippageP95, slippage > policy.slippageP95LimitBps {
            found.append(
                obstacle(
                    "slippage_p95", "\(slippage) bps above Alpaca's, and \(policy.slippageP95LimitBps) is the limit"))
        }
        return found
    }

    /// A gate that says nothing is no gate that says yes.
    private static func verdicts(_ evidence: Evidence, _ inForce: PolicyInForce, at now: Timestamp) -> [Obstacle] {
        let policy = inForce.policy.gates.canary
        var found: [Obstacle] = []
        let stale = max(policy.heartbeat * 5, .seconds(300))
        if let last = evidence.incidents.latestEvaluatedAt, now.since(last) <= stale {
            if let hash = evidence.incidents.policyHash, hash != inForce.policyHash {
                found.append(
                    obstacle("other_policy", "the gates judge by policy \(hash), and these settings are another one"))
            }
        } else {
            let last = evidence.incidents.latestEvaluatedAt.map { "since \($0)" } ?? "ever"
            found.append(obstacle("not_judged", "the gates have said nothing \(last)"))
        }
        let passed = evidence.incidents.conclusive[BreachType.fallbackRatioExceeded.rawValue]
        if passed?.verdict != .pass || passed.map({ now.since($0.evaluatedAt) > policy.rolloutWindow }) ?? true {
            found.append(obstacle("no_pass", "no verdict on the fallback ratio has passed lately"))
        }
        if evidence.ahead > CanaryFold.maximumSkew {
            found.append(obstacle("clock_ahead", "a partition's clock is \(evidence.ahead / .seconds(1)) s ahead"))
        }
        return found
    }
}

extension RolloutGate.Evidence {
    /// What was looked at, with the limits it was held against: numbers alone, so nothing in it needs an escape.
    public func json(_ policy: CanaryPolicy) -> CompactJSON {
        var text = "{\"lean_filled\":\(routes.lean.filled),\"alpaca_filled\":\(routes.alpaca.filled)"
        text += ",\"minimum_sample\":\(policy.minimumSample)"
        if let shortfall = routes.shortfall { text += ",\"shortfall_bps\":\"\(shortfall)\"" }
        text += ",\"shortfall_bps_limit\":\"\(policy.shortfallLimitBps)\""
        if let slippage = routes.slippageP95 { text += ",\"slippage_p95_bps\":\"\(slippage)\"" }
        text += ",\"slippage_p95_bps_limit\":\"\(policy.slippageP95LimitBps)\""
        text += ",\"shadows_judged\":\(shadows.judged),\"shadows_drifted\":\(shadows.drifted)"
        text += ",\"drift_ratio_limit\":\"\(policy.rolloutDriftRatioLimit)\""
        if let passed = incidents.conclusive[BreachType.fallbackRatioExceeded.rawValue] {
            text += ",\"fallback_verdict_event_id\":\"\(passed.eventID)\""
        }
        text += ",\"control_position\":\(control.position),\"canary_position\":\(incidents.position)}"
        return CompactJSON(trusted: Array(text.utf8))
    }
}
