public import Core

/// Whether a rollout may go further.
public enum RolloutGate {
    /// What stands against a step.
    public struct Obstacle: Sendable, Equatable {
        public let code: Code
        public let detail: String
    }

    /// Steps that put more orders on LEAN; all others are always allowed.
    public static func isForward(_ phase: RolloutPhase) -> Bool {
        switch phase {
        case .started, .widened, .finished: true
        case .planned, .held, .rolledBack: false
        }
    }

    /// A critical parity mismatch, an open incident, or costs above their limits.
    public static func obstacles(
        incidents: CanaryIncidents, divergences: [ParityState.Divergence], costs: RouteComparison.Pair,
        policy: CanaryPolicy
    ) -> [Obstacle] {
        var found: [Obstacle] = []
        if let verdict = incidents.conclusive[BreachType.parityMismatch.rawValue], verdict.verdict == .breach {
            let observed = verdict.observed.map { "\($0)" } ?? "?"
            found.append(
                Obstacle(code: Code(trusted: "parity_mismatch"), detail: "shadows drift: \(observed) of them"))
        }
        for divergence in divergences {
            let whose = divergence.strategy?.text ?? "no strategy"
            found.append(
                Obstacle(
                    code: Code(trusted: "order_ids_diverged"),
                    detail: "an order of \(whose), since \(divergence.foundAt)"))
        }
        for row in incidents.open {
            found.append(Obstacle(code: Code(trusted: "incident_open"), detail: row.incidentKey.text))
        }
        guard min(costs.lean.filled, costs.alpaca.filled) >= policy.minimumSample else { return found }
        if let shortfall = costs.shortfall, shortfall > policy.shortfallLimitBps {
            found.append(
                Obstacle(
                    code: Code(trusted: "shortfall_bps"),
                    detail: "\(shortfall) bps above Alpaca's, and \(policy.shortfallLimitBps) is the limit"))
        }
        if let slippage = costs.slippageP95, slippage > policy.slippageP95LimitBps {
            found.append(
                Obstacle(
                    code: Code(trusted: "slippage_p95"),
                    detail: "\(slippage) bps above Alpaca's, and \(policy.slippageP95LimitBps) is the limit"))
        }
        return found
    }
}
