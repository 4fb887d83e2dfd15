/// What a gate says.
public enum Verdict: String, Word {
    public static let words = WordTable<Verdict>()

    case pass
    case breach
    case inconclusive

    public var meaning: String {
        switch self {
        case .pass: "Within the limits."
        case .breach: "Beyond them."
        case .inconclusive: "Too little is known to say."
        }
    }
}

/// Which limit was broken.
public enum BreachType: String, Word {
    public static let words = WordTable<BreachType>()

    case fallbackRatioExceeded = "fallback_ratio_exceeded"
    case errorRateExceeded = "error_rate_exceeded"
    case parityMismatch = "parity_mismatch"
    case notionalMismatch = "notional_mismatch"
    case runnerHealthStale = "runner_health_stale"
    case slippageExceeded = "slippage_exceeded"

    public var meaning: String {
        switch self {
        case .fallbackRatioExceeded: "Too many fallbacks."
        case .errorRateExceeded: "Too many errors."
        case .parityMismatch: "Shadow and fill differ too much."
        case .notionalMismatch: "The notional differs from what the policy computed."
        case .runnerHealthStale: "The runner's health is too old."
        case .slippageExceeded: "Fills are worse than Alpaca's."
        }
    }
}

/// Why a breaker opened.
///
/// Readers of control may be older than its writers: this set is closed for good, whatever the canary learns to watch.
public enum BreakerCause: String, Word {
    public static let words = WordTable<BreakerCause>()

    case fallbackRatioExceeded = "fallback_ratio_exceeded"
    case errorRateExceeded = "error_rate_exceeded"
    case parityMismatch = "parity_mismatch"
    case notionalMismatch = "notional_mismatch"
    case runnerHealthStale = "runner_health_stale"

    public var meaning: String {
        switch self {
        case .fallbackRatioExceeded: "Too many fallbacks."
        case .errorRateExceeded: "Too many errors."
        case .parityMismatch: "Shadow and fill differ too much."
        case .notionalMismatch: "The notional differs from what the policy computed."
        case .runnerHealthStale: "The runner's health is too old."
        }
    }
}

/// What follows from a verdict.
public enum GateAction: String, Word {
    public static let words = WordTable<GateAction>()

    case none
    case incident
    case hardRollback = "hard_rollback"

    public var meaning: String {
        switch self {
        case .none: "Nothing."
        case .incident: "An incident is opened."
        case .hardRollback: "An incident, the lane disabled, the emergency stop latched."
        }
    }
}

/// How an incident ended.
public enum IncidentResolution: String, Word {
    public static let words = WordTable<IncidentResolution>()

    case recovered
    case rolledBack = "rolled_back"
    case accepted

    public var meaning: String {
        switch self {
        case .recovered: "The window is within its limits again."
        case .rolledBack: "The rollout was taken back."
        case .accepted: "An operator accepted it."
        }
    }
}

/// A step of a canary rollout.
public enum RolloutPhase: String, Word {
    public static let words = WordTable<RolloutPhase>()

    case paper
    case canary
    case wider
    case held
    case rolledBack = "rolled_back"
    // Said by logs from before the phases had these names; nobody says them any more.
    case planned
    case started
    case widened
    case finished

    public var meaning: String {
        switch self {
        case .paper: "LEAN takes orders on paper."
        case .canary: "LEAN takes live orders within the canary's scope."
        case .wider: "LEAN takes live orders of a larger scope."
        case .held: "Stopped where it is."
        case .rolledBack: "Taken back: it begins again on paper."
        case .planned: "Earlier: written down."
        case .started: "Earlier: as canary."
        case .widened: "Earlier: as wider."
        case .finished: "Earlier: as wider."
        }
    }
}

/// Who engaged the kill switch.
public enum KillSource: String, Word {
    public static let words = WordTable<KillSource>()

    case latchFile = "latch_file"
    case environment
    case command
    case gate

    public var meaning: String {
        switch self {
        case .latchFile: "The file in the data folder."
        case .environment: "The environment says so."
        case .command: "An operator's command."
        case .gate: "A gate."
        }
    }
}

/// A lane of the original.
public enum Lane: String, Word {
    public static let words = WordTable<Lane>()

    case execution
    case researchBacktest = "research_backtest"
    case liveShadowExecution = "live_shadow_execution"
    case liveCanaryExecution = "live_canary_execution"
    case strategyShadowRuntime = "strategy_shadow_runtime"

    public var meaning: String {
        switch self {
        case .execution: "Orders through LEAN."
        case .researchBacktest: "Backtests."
        case .liveShadowExecution: "The shadow of live orders."
        case .liveCanaryExecution: "The live canary."
        case .strategyShadowRuntime: "The shadow of strategies."
        }
    }
}

/// The state of a breaker.
public enum BreakerState: String, Word {
    public static let words = WordTable<BreakerState>()

    case closed
    case open
    case halfOpen = "half_open"

    public var meaning: String {
        switch self {
        case .closed: "Calls go through."
        case .open: "No calls."
        case .halfOpen: "A bounded number of probes."
        }
    }
}

/// What is known of a runner's health.
public enum HealthState: String, Word {
    public static let words = WordTable<HealthState>()

    case healthy
    case unhealthy
    case stale

    public var meaning: String {
        switch self {
        case .healthy: "It answered well."
        case .unhealthy: "It answered badly or not at all."
        case .stale: "Nobody has asked recently."
        }
    }
}

/// Where a flag's value comes from.
public enum FlagSource: String, Word {
    public static let words = WordTable<FlagSource>()

    case `default`
    case environment
    case flagService = "flag_service"
    case command

    public var meaning: String {
        switch self {
        case .default: "The code."
        case .environment: "The environment."
        case .flagService: "The flag service."
        case .command: "An operator."
        }
    }
}

/// What an operator overrides.
public enum OverrideKind: String, Word {
    public static let words = WordTable<OverrideKind>()

    case attemptNotLive = "attempt_not_live"
    case attemptLive = "attempt_live"
    case releaseHold = "release_hold"
    case route

    public var meaning: String {
        switch self {
        case .attemptNotLive: "The operator vouches that an attempt is not live."
        case .attemptLive: "The operator vouches that an attempt is live."
        case .releaseHold: "A held intent may go on."
        case .route: "This intent goes by this adapter."
        }
    }
}

/// A role of a process.
public enum RoleName: String, Word {
    public static let words = WordTable<RoleName>()

    case ingest
    case commands
    case router
    case gates
    case projections
    case lanes
    case api
    case archiver

    public var meaning: String {
        switch self {
        case .ingest: "Takes in market data and orders' updates."
        case .commands: "Decides."
        case .router: "Sends."
        case .gates: "Judges."
        case .projections: "Folds into read models."
        case .lanes: "Runs LEAN's lanes."
        case .api: "Answers."
        case .archiver: "Follows the log into archives."
        }
    }
}

/// What a role says of itself.
public enum RoleState: String, Word {
    public static let words = WordTable<RoleState>()

    case disabled
    case follower
    case leaderStarting = "leader_starting"
    case leaderNotStarted = "leader_not_started"
    case running
    case degraded
    case unknown

    public var meaning: String {
        switch self {
        case .disabled: "Not asked to run."
        case .follower: "Another process leads."
        case .leaderStarting: "Taking over."
        case .leaderNotStarted: "Leads, and does not work."
        case .running: "Works."
        case .degraded: "Works badly."
        case .unknown: "Cannot say."
        }
    }
}

/// Why a record was parked.
public enum ParkReason: String, Word {
    public static let words = WordTable<ParkReason>()

    case malformed
    case unreadableEnvelope = "unreadable_envelope"
    case unreadablePayload = "unreadable_payload"
    case unknownVersion = "unknown_version"
    case unstorable
    case missingIdentity = "missing_identity"
    case missingPayload = "missing_payload"
    case outOfScopeAccount = "out_of_scope_account"
    case tooLarge = "too_large"
    case foldRefused = "fold_refused"

    public var meaning: String {
        switch self {
        case .malformed: "Not JSON, or not UTF-8."
        case .unreadableEnvelope: "No envelope of ours."
        case .unreadablePayload: "A field is missing or wrong."
        case .unknownVersion: "A version this program does not know."
        case .unstorable: "Read, and not storable."
        case .missingIdentity: "No order id and no client order id."
        case .missingPayload: "No trade update inside."
        case .outOfScopeAccount: "Another account's."
        case .tooLarge: "Larger than a limit."
        case .foldRefused: "The fold refused it."
        }
    }
}
