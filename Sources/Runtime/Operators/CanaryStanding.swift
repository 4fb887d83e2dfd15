public import Commands
public import Domain

/// How the canary is used, in one word.
public enum CanaryStanding {
    public static func state(_ fold: GatesFold, _ policy: CanaryPolicy) -> String {
        guard policy.isEnabled else { return "disabled" }
        switch fold.control.mode(of: .liveCanaryExecution) {
        case .off: return "off"
        case .dryRun: return "dry_run"
        case .on: return policy.isDryRun ? "dry_run" : "on"
        }
    }
}
