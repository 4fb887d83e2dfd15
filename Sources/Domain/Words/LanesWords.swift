/// Whether LEAN would have done what was done.
public enum ParityStatus: String, Word {
    public static let words = WordTable<ParityStatus>()

    case pass
    case drift
    case unknown
    case inconclusive
    case error
    case blockedMissingEmpiricalAuthority = "blocked_missing_empirical_authority"

    public var meaning: String {
        switch self {
        case .pass: "Within the limit."
        case .drift: "Beyond the limit."
        case .unknown: "Not judged yet."
        case .inconclusive: "Cannot be judged: something is missing."
        case .error: "The lane failed."
        case .blockedMissingEmpiricalAuthority: "Only a scaffold answered: no evidence."
        }
    }
}

/// How much a lane's answer proves.
public enum AuthorityMode: String, Word {
    public static let words = WordTable<AuthorityMode>()

    case deterministicScaffold = "deterministic_scaffold"
    case unverifiedReplay = "unverified_replay"
    case embeddedEngine = "embedded_engine"
    case historicalMarketReplay = "historical_market_replay"
    case paperRuntimeObserved = "paper_runtime_observed"
    case liveRuntimeObserved = "live_runtime_observed"

    public var meaning: String {
        switch self {
        case .deterministicScaffold: "Nothing: it is computed from a hash."
        case .unverifiedReplay: "A replay by others that we did not verify."
        case .embeddedEngine: "A simulation of our own engine with the market data it was given."
        case .historicalMarketReplay: "A replay of stored market data."
        case .paperRuntimeObserved: "Observed with paper money."
        case .liveRuntimeObserved: "Observed live."
        }
    }
}

/// How a lane failed.
public enum LaneFailure: String, Word {
    public static let words = WordTable<LaneFailure>()

    case timeout
    case networkError = "network_error"
    case httpError = "http_error"
    case contractViolation = "contract_violation"
    case quoteMissing = "quote_missing"
    case executionQualityDrift = "execution_quality_drift"
    case missingEmpiricalShadowReplay = "missing_empirical_shadow_replay"
    case laneDisabled = "lane_disabled"
    case queueFull = "queue_full"
    case tooOld = "too_old"
    case noSimulatedFill = "no_simulated_fill"
    case noFill = "no_fill"
    case noOrder = "no_order"
    case openAtHorizon = "open_at_horizon"
    case partialFill = "partial_fill"
    case fillPriceUnknown = "fill_price_unknown"
    case unknownError = "unknown_error"

    public var meaning: String {
        switch self {
        case .timeout: "No answer in time."
        case .networkError: "The connection failed."
        case .httpError: "An answer that is an error."
        case .contractViolation: "An answer that breaks the contract."
        case .quoteMissing: "There is no quote to simulate with."
        case .executionQualityDrift: "The simulated price is too far from the intent."
        case .missingEmpiricalShadowReplay: "Only a scaffold answered."
        case .laneDisabled: "The lane is disabled."
        case .queueFull: "Too much was waiting."
        case .tooOld: "It was too old to be asked about."
        case .noSimulatedFill: "The simulated order was not filled."
        case .noFill: "The order ended without a fill."
        case .noOrder: "It was refused or withdrawn before the broker had an order."
        case .openAtHorizon: "The order was still open when its time was over."
        case .partialFill: "Too little of the order was filled."
        case .fillPriceUnknown: "Nobody told the price of what was filled."
        case .unknownError: "None of these."
        }
    }
}

/// Where a backtest is.
public enum BacktestStatus: String, Word {
    public static let words = WordTable<BacktestStatus>()

    case queued
    case running
    case completed
    case failed
    case cancelled

    public var meaning: String {
        switch self {
        case .queued: "Accepted, not started."
        case .running: "Being computed."
        case .completed: "Finished with a result."
        case .failed: "Ended without one."
        case .cancelled: "Ended because somebody said so."
        }
    }
}

/// How a backtest failed.
public enum BacktestFailure: String, Word {
    public static let words = WordTable<BacktestFailure>()

    case backtestFailed = "backtest_failed"
    case replayNondeterministic = "replay_nondeterministic"
    case missingReproArtifacts = "missing_repro_artifacts"
    case runnerLostRun = "runner_lost_run"
    case timeout
    case laneDisabled = "lane_disabled"

    public var meaning: String {
        switch self {
        case .backtestFailed: "The run ended badly."
        case .replayNondeterministic: "Two runs of one configuration differ."
        case .missingReproArtifacts: "Hashes are missing."
        case .runnerLostRun: "The runner does not know the run any more."
        case .timeout: "It took too long."
        case .laneDisabled: "The lane is disabled."
        }
    }
}
