/// What a reason makes of a decision: bad reasons reject it, held ones block it.
extension ReasonCode {
    /// Where a decision ends that this reason holds back; `nil` for a reason that refuses it as bad.
    var blockStage: SubmissionStage? {
        switch self {
        case .tradingDisabled: .blockedTradingDisabled
        case .liveTradingDisabled, .capitalStageShadow: .blockedCapitalStageShadow
        case .killSwitchEnabled: .blockedKillSwitch
        case .emergencyStopActive: .blockedEmergencyStop
        case .symbolUnderReview: .blockedSymbolReview
        case .accountFactsMissing, .accountFactsStale, .controlFactsStale, .policyMissing: .blockedFacts
        case .decisionStale, .stalePlannedCleanup: .blockedStalePlannedCleanup
        case .cryptoTradingDisabled, .cryptoLiveTradingDisabled, .strategyDisabled, .strategyUnknown,
            .unresolvedOrder, .routeParityNotPassed, .runtimeUncertaintyGate, .universeSourceUnavailable:
            .blocked
        case .symbolNotAllowed, .missingPrice, .fragilityStabilityModeMismatch, .fragilityCrisisEntryBlocked,
            .maxNotionalExceeded, .insufficientBuyingPower, .maxPositionPctExceeded, .maxPositionsExceeded,
            .allocatorNotionalInvariantBreached, .shortsNotAllowed, .cooldownActive,
            .adverseSelectionRiskExceedsMaximum, .qtyNonPositive, .qtyBelowMin, .qtyInvalidIncrement,
            .symbolCapacityExhausted, .grossExposureCapacityExhausted, .netExposureCapacityExhausted,
            .minNotionalNotMet, .participationExceedsMax, .sellInventoryUnavailable,
            .sellQtyClippedToAvailableInventory, .localQtyNonPositive, .localQtyBelowMin, .localQtyInvalidIncrement,
            .localShortsNotAllowed, .shortingMetadataUnavailable, .localAccountShortingDisabled,
            .localSymbolNotTradable, .localSymbolNotShortable, .localSymbolNotEasyToBorrow,
            .precheckOppositeSideOpenOrder, .precheckSellQtyExceedsAvailable, .llmVeto, .llmError,
            .marketContextBlock, .decisionInFuture, .intentExists:
            nil
        }
    }

    var rejectClass: RejectClass {
        switch self {
        case .symbolCapacityExhausted, .qtyBelowMin, .grossExposureCapacityExhausted, .netExposureCapacityExhausted:
            .capacity
        case .sellInventoryUnavailable, .precheckSellQtyExceedsAvailable: .sellInventoryUnavailable
        case .precheckOppositeSideOpenOrder: .brokerPrecheckRejected
        case .shortingMetadataUnavailable, .localAccountShortingDisabled: .brokerPrecheck
        case .decisionInFuture: .runtime
        default: .policy
        }
    }

    var rejectOrigin: RejectOrigin {
        switch self {
        case .symbolCapacityExhausted, .maxPositionsExceeded, .grossExposureCapacityExhausted,
            .netExposureCapacityExhausted:
            .portfolioSizing
        case .qtyNonPositive, .qtyBelowMin, .qtyInvalidIncrement, .minNotionalNotMet: .executionPolicy
        case .sellInventoryUnavailable, .precheckSellQtyExceedsAvailable, .precheckOppositeSideOpenOrder:
            .brokerPrecheck
        case .shortingMetadataUnavailable, .localAccountShortingDisabled: .localPreSubmit
        case .decisionInFuture: .scheduler
        default: .riskEngine
        }
    }
}
