public import Core

/// The LEAN breaker was judged.
public struct BreakerJudged: Payload {
    @inlinable public static var type: EventType { .control(.breakerJudged) }

    public var order: ControlOrder
    public var adapter: Adapter
    public var breakerState: BreakerState
    public var previousState: BreakerState
    public var breachType: BreakerCause?
    public var failureTotal: Int64
    public var errorRate: Amount?
    public var errorRateLimit: Amount
    public var probesAllowed: Int64
    public var probePartition: Int64?
    public var retryAt: Timestamp?
    public var window: GateWindow

    @inlinable
    public init(
        order: ControlOrder, adapter: Adapter, breakerState: BreakerState, previousState: BreakerState,
        breachType: BreakerCause? = nil, failureTotal: Int64, errorRate: Amount? = nil, errorRateLimit: Amount,
        probesAllowed: Int64, probePartition: Int64? = nil, retryAt: Timestamp? = nil, window: GateWindow
    ) {
        self.order = order
        self.adapter = adapter
        self.breakerState = breakerState
        self.previousState = previousState
        self.breachType = breachType
        self.failureTotal = failureTotal
        self.errorRate = errorRate
        self.errorRateLimit = errorRateLimit
        self.probesAllowed = probesAllowed
        self.probePartition = probePartition
        self.retryAt = retryAt
        self.window = window
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        adapter = unread()
        breakerState = unread()
        previousState = unread()
        failureTotal = unread()
        errorRateLimit = unread()
        probesAllowed = unread()
        window = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("adapter", &adapter, "Whose breaker.")
        try fields.field("breaker_state", &breakerState, "Its state now.")
        try fields.field("previous_state", &previousState, "Its state before.")
        try fields.field("breach_type", &breachType, "Which limit was broken.")
        try fields.field("failure_total", &failureTotal, "Failures in the window.")
        try fields.field(
            "error_rate", &errorRate, FieldNote("Their ratio; null below the minimum sample.", unit: "0 to 1"))
        try fields.field("error_rate_limit", &errorRateLimit, FieldNote("The limit.", unit: "0 to 1"))
        try fields.field("probes_allowed", &probesAllowed, "Probes that may go while it is half open.")
        try fields.field("probe_partition", &probePartition, "The only partition whose router may send them.")
        try fields.field("retry_at", &retryAt, "When it may be half open.")
        try window.walk(&fields)
    }
}
