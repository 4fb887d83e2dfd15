/// Where an order goes.
public enum Adapter: String, Word {
    public static let words = WordTable<Adapter>()

    case lean
    case alpaca
    case simulation
    case unknown

    public var meaning: String {
        switch self {
        case .lean: "The LEAN runner."
        case .alpaca: "Alpaca's API."
        case .simulation: "The simulated broker."
        case .unknown: "Not recorded: never chosen, only found in old rows."
        }
    }
}

/// The marker the original puts into a raw order.
public enum RouteMarker: String, Word {
    public static let words = WordTable<RouteMarker>()

    case lean
    case alpaca
    case alpacaFallback = "alpaca_fallback"
    case simulation

    public var meaning: String {
        switch self {
        case .lean: "The order went through LEAN."
        case .alpaca: "The order went to Alpaca as planned."
        case .alpacaFallback: "The order went to Alpaca after LEAN was proved not to have it."
        case .simulation: "The order was simulated."
        }
    }
}

/// The route an order took.
public enum ExecutionRoute: String, Word {
    public static let words = WordTable<ExecutionRoute>()

    case lean
    case alpaca
    case leanToAlpaca = "lean->alpaca"
    case simulation

    public var meaning: String {
        switch self {
        case .lean: "By LEAN."
        case .alpaca: "By Alpaca, as planned."
        case .leanToAlpaca: "By Alpaca, after an attempt through LEAN."
        case .simulation: "By the simulated broker."
        }
    }
}

/// Which symbols may go through LEAN.
public enum AdapterPolicy: String, Word {
    public static let words = WordTable<AdapterPolicy>()

    case all
    case allowlist

    public var meaning: String {
        switch self {
        case .all: "Every symbol."
        case .allowlist: "Only the symbols that are listed."
        }
    }
}

/// Why the resolver expects this adapter.
public enum RouteReason: String, Word {
    public static let words = WordTable<RouteReason>()

    case policyAll = "policy_all"
    case symbolAllowlisted = "symbol_allowlisted"
    case symbolNotAllowlisted = "symbol_not_allowlisted"
    case allowlistEmpty = "allowlist_empty"
    case adapterAlpaca = "adapter_alpaca"
    case adapterSimulation = "adapter_simulation"
    case adapterMisconfigured = "adapter_misconfigured"
    case runnerUrlMissing = "runner_url_missing"
    case fallbackMisconfigured = "fallback_misconfigured"
    case laneDisabled = "lane_disabled"
    case breakerOpen = "breaker_open"
    case runnerUnhealthy = "runner_unhealthy"
    case canaryScope = "canary_scope"
    case adapterHint = "adapter_hint"

    public var meaning: String {
        switch self {
        case .policyAll: "The policy routes every symbol through LEAN."
        case .symbolAllowlisted: "The symbol is on the list."
        case .symbolNotAllowlisted: "The symbol is not on the list."
        case .allowlistEmpty: "The list is empty, which means nobody."
        case .adapterAlpaca: "Alpaca is configured."
        case .adapterSimulation: "The simulated broker is configured."
        case .adapterMisconfigured: "The adapter's name is not one of ours."
        case .runnerUrlMissing: "LEAN is configured without an address."
        case .fallbackMisconfigured: "Live trading through LEAN needs Alpaca as fallback."
        case .laneDisabled: "The execution lane is disabled."
        case .breakerOpen: "The LEAN breaker is open."
        case .runnerUnhealthy: "The runner's health is bad, or too old to know."
        case .canaryScope: "The symbol is outside the scope of the canary."
        case .adapterHint: "The decision asked for this adapter, and may."
        }
    }
}

/// What is done to an order.
public enum RouteOperation: String, Word {
    public static let words = WordTable<RouteOperation>()

    case submit
    case replace

    public var meaning: String {
        switch self {
        case .submit: "A new order."
        case .replace: "New terms for a working order."
        }
    }
}

/// How a call to an adapter failed.
public enum FailureTaxonomy: String, Word {
    public static let words = WordTable<FailureTaxonomy>()

    case timeout
    case networkError = "network_error"
    case connectRefused = "connect_refused"
    case http4xx = "http_4xx"
    case http5xx = "http_5xx"
    case contractViolation = "contract_violation"
    case invalidJSON = "invalid_json"
    case brokerRejected = "broker_rejected"
    case authRejected = "auth_rejected"
    case rateLimited = "rate_limited"
    case deadlinePassed = "deadline_passed"
    case staleEpoch = "stale_epoch"
    case interrupted
    case unknownError = "unknown_error"

    public var meaning: String {
        switch self {
        case .timeout: "No answer in time."
        case .networkError: "The connection failed."
        case .connectRefused: "No connection was ever established."
        case .http4xx: "An answer that refuses by contract."
        case .http5xx: "An answer that says the other side failed."
        case .contractViolation: "An answer that breaks the contract."
        case .invalidJSON: "An answer that is not JSON."
        case .brokerRejected: "The broker refused the order."
        case .authRejected: "The credentials were refused."
        case .rateLimited: "Too many requests."
        case .deadlinePassed: "The deadline was over before the broker was called."
        case .staleEpoch: "The sender was no longer the owner."
        case .interrupted: "The process ended between prepared and outcome."
        case .unknownError: "None of these."
        }
    }
}

/// What proves that an order is not live.
public enum Proof: String, Word {
    public static let words = WordTable<Proof>()

    case neverConnected = "never_connected"
    case voided
    case deadlineAndAbsence = "deadline_and_absence"
    case refusedByContract = "refused_by_contract"
    case override

    public var meaning: String {
        switch self {
        case .neverConnected: "The connection was never established."
        case .voided: "The runner answered durably: not submitted, and never will be."
        case .deadlineAndAbsence: "The deadline passed by its margin, and two complete look-ups found nothing."
        case .refusedByContract: "A 4xx answer that refuses by contract."
        case .override: "A named operator said so."
        }
    }
}

/// What kind of refusal an attempt met.
public enum RejectionClass: String, Word {
    public static let words = WordTable<RejectionClass>()

    case brokerRejected = "broker_rejected"
    case contractInvalid = "contract_invalid"
    case notSent = "not_sent"
    case authRejected = "auth_rejected"
    case local

    public var meaning: String {
        switch self {
        case .brokerRejected: "A business rejection: final, never a reason to fall back."
        case .contractInvalid: "The request broke the contract: not sent."
        case .notSent: "The runner did not pass it on."
        case .authRejected: "The credentials were refused: not sent."
        case .local: "Refused here before a byte went out."
        }
    }
}

/// What became of an attempt that was unknown.
public enum Resolution: String, Word {
    public static let words = WordTable<Resolution>()

    case live
    case notLive = "not_live"
    case rejected

    public var meaning: String {
        switch self {
        case .live: "The broker has the order."
        case .notLive: "The broker does not have it, and never will."
        case .rejected: "The broker had refused it."
        }
    }
}

/// What settled an unknown attempt.
public enum EvidenceKind: String, Word {
    public static let words = WordTable<EvidenceKind>()

    case lookupByClientOrderID = "lookup_by_client_order_id"
    case orderList = "order_list"
    case updateStream = "update_stream"
    case runnerVoid = "runner_void"
    case runnerReply = "runner_reply"
    case operatorOverride = "operator_override"

    public var meaning: String {
        switch self {
        case .lookupByClientOrderID: "The broker was asked by client order id."
        case .orderList: "A complete list of the broker's orders."
        case .updateStream: "The broker's update stream."
        case .runnerVoid: "The runner's answer to an abandon request."
        case .runnerReply: "The runner's own record of the attempt."
        case .operatorOverride: "An operator who looked."
        }
    }
}

/// Why an intent waits.
public enum HoldReason: String, Word {
    public static let words = WordTable<HoldReason>()

    case attemptUnknown = "attempt_unknown"
    case killSwitchEngaged = "kill_switch_engaged"
    case emergencyStopLatched = "emergency_stop_latched"
    case symbolUnderReview = "symbol_under_review"
    case controlViewStale = "control_view_stale"
    case adapterUnavailable = "adapter_unavailable"
    case fallbackNotAllowed = "fallback_not_allowed"
    case notOwner = "not_owner"
    case streamNotReady = "stream_not_ready"

    public var meaning: String {
        switch self {
        case .attemptUnknown: "Its last attempt is not resolved."
        case .killSwitchEngaged: "The kill switch is engaged."
        case .emergencyStopLatched: "The emergency stop is latched."
        case .symbolUnderReview: "The symbol waits for a person."
        case .controlViewStale: "The router cannot prove that its view of control is fresh."
        case .adapterUnavailable: "No adapter may take it now."
        case .fallbackNotAllowed: "The policy allows no fallback."
        case .notOwner: "The router lost its partition."
        case .streamNotReady: "Nobody hears what the broker says of orders."
        }
    }
}

/// Why an intent ended without an order.
public enum WithdrawalReason: String, Word {
    public static let words = WordTable<WithdrawalReason>()

    case expired
    case killSwitchEngaged = "kill_switch_engaged"
    case emergencyStopLatched = "emergency_stop_latched"
    case symbolUnderReview = "symbol_under_review"
    case attemptsExhausted = "attempts_exhausted"
    case canceled

    public var meaning: String {
        switch self {
        case .expired: "It was too old to send."
        case .killSwitchEngaged: "The kill switch was engaged."
        case .emergencyStopLatched: "The emergency stop was latched."
        case .symbolUnderReview: "The symbol waits for a person."
        case .attemptsExhausted: "Every allowed attempt was proved not live."
        case .canceled: "It was canceled before it was sent."
        }
    }
}

/// Why an order is canceled.
public enum CancelReason: String, Word {
    public static let words = WordTable<CancelReason>()

    case killSwitch = "kill_switch"
    case emergencyStop = "emergency_stop"
    case byOperator = "operator"
    case strategy
    case oppositeSide = "opposite_side"
    case sellInventory = "sell_inventory"
    case expired
    case discrepancy

    public var meaning: String {
        switch self {
        case .killSwitch: "The kill switch was engaged."
        case .emergencyStop: "The emergency stop was latched."
        case .byOperator: "An operator asked for it."
        case .strategy: "The strategy asked for it."
        case .oppositeSide: "It stood against a new order of the same symbol."
        case .sellInventory: "It held shares that another sell needs."
        case .expired: "The intent's time was over."
        case .discrepancy: "It should not be there."
        }
    }
}

/// How two adapters disagree about one order.
public enum DivergenceKind: String, Word {
    public static let words = WordTable<DivergenceKind>()

    case differentOrderID = "different_order_id"
    case differentAccount = "different_account"
    case secondOrder = "second_order"

    public var meaning: String {
        switch self {
        case .differentOrderID: "The same client order id has two broker order ids."
        case .differentAccount: "The order is in another account."
        case .secondOrder: "Both routes have a live order."
        }
    }
}
