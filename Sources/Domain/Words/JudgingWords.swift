/// Where a decision ended, in the original's words.
public enum SubmissionStage: String, Word {
    public static let words = WordTable<SubmissionStage>()

    case submitRequested = "submit_requested"
    case rejected
    case rejectedPreSubmit = "rejected_pre_submit"
    case blocked
    case blockedTradingDisabled = "blocked_trading_disabled"
    case blockedCapitalStageShadow = "blocked_capital_stage_shadow"
    case blockedEmergencyStop = "blocked_emergency_stop"
    case blockedKillSwitch = "blocked_kill_switch"
    case blockedStalePlannedCleanup = "blocked_stale_planned_cleanup"
    case blockedFacts = "blocked_facts"
    case blockedSymbolReview = "blocked_symbol_review"
    case blockedConflict = "blocked_conflict"

    public var meaning: String {
        switch self {
        case .submitRequested: "Handed to the router."
        case .rejected: "Refused by a rule."
        case .rejectedPreSubmit: "Refused by a check before submission."
        case .blocked: "Held back by policy."
        case .blockedTradingDisabled: "Trading is disabled."
        case .blockedCapitalStageShadow: "Live decisions are not allowed to move capital."
        case .blockedEmergencyStop: "The emergency stop is latched."
        case .blockedKillSwitch: "The kill switch is engaged."
        case .blockedStalePlannedCleanup: "It waited too long."
        case .blockedFacts: "What it must be judged by is missing or too old."
        case .blockedSymbolReview: "The symbol waits for a person."
        case .blockedConflict: "Its hash belongs to another body."
        }
    }
}

/// The class of a refusal.
public enum RejectClass: String, Word {
    public static let words = WordTable<RejectClass>()

    case policy
    case capacity
    case runtime
    case marketContextBlock = "market_context_block"
    case sellInventoryUnavailable = "sell_inventory_unavailable"
    case brokerPrecheck = "broker_precheck"
    case brokerPrecheckRejected = "broker_precheck_rejected"

    public var meaning: String {
        switch self {
        case .policy: "A rule of the policy."
        case .capacity: "No room."
        case .runtime: "The runtime failed."
        case .marketContextBlock: "The market's context forbids it."
        case .sellInventoryUnavailable: "Not enough to sell."
        case .brokerPrecheck: "A check against the broker's facts."
        case .brokerPrecheckRejected: "The broker's facts refused it."
        }
    }
}

/// Who refused.
public enum RejectOrigin: String, Word {
    public static let words = WordTable<RejectOrigin>()

    case llmReview = "llm_review"
    case llmRuntime = "llm_runtime"
    case marketContext = "market_context"
    case portfolioSizing = "portfolio_sizing"
    case riskEngine = "risk_engine"
    case executionPolicy = "execution_policy"
    case brokerPrecheck = "broker_precheck"
    case localPreSubmit = "local_pre_submit"
    case scheduler
    case gate

    public var meaning: String {
        switch self {
        case .llmReview: "The review by a language model."
        case .llmRuntime: "The runtime of that review."
        case .marketContext: "The market's context."
        case .portfolioSizing: "The sizing."
        case .riskEngine: "The risk engine."
        case .executionPolicy: "The execution policy."
        case .brokerPrecheck: "The check against the broker's facts."
        case .localPreSubmit: "The check of quantity and rights."
        case .scheduler: "The scheduler."
        case .gate: "A gate: kill switch, emergency stop, review."
        }
    }
}

/// Why a decision did not become an intent; all that apply are listed.
public enum ReasonCode: String, Word {
    public static let words = WordTable<ReasonCode>()

    case tradingDisabled = "trading_disabled"
    case liveTradingDisabled = "live_trading_disabled"
    case cryptoTradingDisabled = "crypto_trading_disabled"
    case cryptoLiveTradingDisabled = "crypto_live_trading_disabled"
    case strategyDisabled = "strategy_disabled"
    case strategyUnknown = "strategy_unknown"
    case symbolNotAllowed = "symbol_not_allowed"
    case missingPrice = "missing_price"
    case fragilityStabilityModeMismatch = "fragility_stability_mode_mismatch"
    case fragilityCrisisEntryBlocked = "fragility_crisis_entry_blocked"
    case maxNotionalExceeded = "max_notional_exceeded"
    case insufficientBuyingPower = "insufficient_buying_power"
    case maxPositionPctExceeded = "max_position_pct_exceeded"
    case maxPositionsExceeded = "max_positions_exceeded"
    case allocatorNotionalInvariantBreached = "allocator_notional_invariant_breached"
    case shortsNotAllowed = "shorts_not_allowed"
    case cooldownActive = "cooldown_active"
    case adverseSelectionRiskExceedsMaximum = "adverse_selection_risk_exceeds_maximum"
    case killSwitchEnabled = "kill_switch_enabled"
    case emergencyStopActive = "emergency_stop_active"
    case capitalStageShadow = "capital_stage_shadow"
    case qtyNonPositive = "qty_non_positive"
    case qtyBelowMin = "qty_below_min"
    case qtyInvalidIncrement = "qty_invalid_increment"
    case symbolCapacityExhausted = "symbol_capacity_exhausted"
    case grossExposureCapacityExhausted = "gross_exposure_capacity_exhausted"
    case netExposureCapacityExhausted = "net_exposure_capacity_exhausted"
    case minNotionalNotMet = "min_notional_not_met"
    case participationExceedsMax = "participation_exceeds_max"
    case sellInventoryUnavailable = "sell_inventory_unavailable"
    case sellQtyClippedToAvailableInventory = "sell_qty_clipped_to_available_inventory"
    case localQtyNonPositive = "local_qty_non_positive"
    case localQtyBelowMin = "local_qty_below_min"
    case localQtyInvalidIncrement = "local_qty_invalid_increment"
    case localShortsNotAllowed = "local_shorts_not_allowed"
    case shortingMetadataUnavailable = "shorting_metadata_unavailable"
    case localAccountShortingDisabled = "local_account_shorting_disabled"
    case localSymbolNotTradable = "local_symbol_not_tradable"
    case localSymbolNotShortable = "local_symbol_not_shortable"
    case localSymbolNotEasyToBorrow = "local_symbol_not_easy_to_borrow"
    case precheckOppositeSideOpenOrder = "precheck_opposite_side_open_order"
    case precheckSellQtyExceedsAvailable = "precheck_sell_qty_exceeds_available"
    case llmVeto = "llm_veto"
    case llmError = "llm_error"
    case marketContextBlock = "market_context_block"
    case runtimeUncertaintyGate = "runtime_uncertainty_gate"
    case universeSourceUnavailable = "universe_source_unavailable"
    case decisionStale = "decision_stale"
    case decisionInFuture = "decision_in_future"
    case stalePlannedCleanup = "stale_planned_cleanup"
    case accountFactsMissing = "account_facts_missing"
    case accountFactsStale = "account_facts_stale"
    case controlFactsStale = "control_facts_stale"
    case policyMissing = "policy_missing"
    case unresolvedOrder = "unresolved_order"
    case symbolUnderReview = "symbol_under_review"
    case routeParityNotPassed = "route_parity_not_passed"
    case intentExists = "intent_exists"

    public var meaning: String {
        switch self {
        case .tradingDisabled: "Trading is disabled."
        case .liveTradingDisabled: "Live trading is disabled."
        case .cryptoTradingDisabled: "Crypto trading is disabled."
        case .cryptoLiveTradingDisabled: "Live crypto trading is disabled."
        case .strategyDisabled: "The strategy is disabled."
        case .strategyUnknown: "There is no such strategy."
        case .symbolNotAllowed: "The symbol is outside the strategy's universe."
        case .missingPrice: "There is no price to judge by."
        case .fragilityStabilityModeMismatch: "The stability mode does not fit."
        case .fragilityCrisisEntryBlocked: "No entries in a crisis."
        case .maxNotionalExceeded: "More notional than allowed."
        case .insufficientBuyingPower: "Not enough buying power."
        case .maxPositionPctExceeded: "The position would be too large a part of equity."
        case .maxPositionsExceeded: "Too many positions."
        case .allocatorNotionalInvariantBreached: "More than the allocator approved."
        case .shortsNotAllowed: "Short selling is not allowed."
        case .cooldownActive: "Too soon after the last decision."
        case .adverseSelectionRiskExceedsMaximum: "The advisor's risk is too high."
        case .killSwitchEnabled: "The kill switch is engaged."
        case .emergencyStopActive: "The emergency stop is latched."
        case .capitalStageShadow: "Live decisions are held back."
        case .qtyNonPositive: "The quantity is not above zero."
        case .qtyBelowMin: "The quantity is below the smallest step."
        case .qtyInvalidIncrement: "The quantity is no multiple of the step."
        case .symbolCapacityExhausted: "No room for this symbol."
        case .grossExposureCapacityExhausted: "No room in gross exposure."
        case .netExposureCapacityExhausted: "No room in net exposure."
        case .minNotionalNotMet: "Less notional than the smallest order."
        case .participationExceedsMax: "Too large a part of the volume."
        case .sellInventoryUnavailable: "Nothing to sell."
        case .sellQtyClippedToAvailableInventory: "The quantity was cut to what is there."
        case .localQtyNonPositive: "The quantity is not above zero."
        case .localQtyBelowMin: "The quantity is below the step."
        case .localQtyInvalidIncrement: "The quantity is no multiple of the step."
        case .localShortsNotAllowed: "Short selling is off."
        case .shortingMetadataUnavailable: "What short selling is judged by is missing."
        case .localAccountShortingDisabled: "The account may not sell short."
        case .localSymbolNotTradable: "The symbol is not tradable."
        case .localSymbolNotShortable: "The symbol is not shortable."
        case .localSymbolNotEasyToBorrow: "The symbol is hard to borrow."
        case .precheckOppositeSideOpenOrder: "An open order stands on the other side."
        case .precheckSellQtyExceedsAvailable: "More than is available to sell."
        case .llmVeto: "The review vetoed it."
        case .llmError: "The review failed."
        case .marketContextBlock: "The market's context forbids it."
        case .runtimeUncertaintyGate: "The uncertainty gate closed."
        case .universeSourceUnavailable: "The universe is not known."
        case .decisionStale: "Older than its time to live."
        case .decisionInFuture: "From further ahead than clocks may differ."
        case .stalePlannedCleanup: "Planned, and never submitted in time."
        case .accountFactsMissing: "Nothing is known of the account."
        case .accountFactsStale: "What is known of the account is too old."
        case .controlFactsStale: "What is known of control is too old."
        case .policyMissing: "No policy is in force."
        case .unresolvedOrder: "An order of the account is unknown."
        case .symbolUnderReview: "The symbol waits for a person."
        case .routeParityNotPassed: "Route parity has not been proved."
        case .intentExists: "The decision already has an intent."
        }
    }
}

/// Passed, not passed, or not known.
public enum TriState: String, Word {
    public static let words = WordTable<TriState>()

    case yes
    case no
    case unknown

    public var meaning: String {
        switch self {
        case .yes: "It holds."
        case .no: "It does not hold."
        case .unknown: "Nobody knows."
        }
    }
}
