public import Core

/// A runner was asked how it is.
public struct RunnerHealthObserved: Payload {
    @inlinable public static var type: EventType { .control(.runnerHealthObserved) }

    public var order: ControlOrder
    public var address: Address
    public var health: HealthState
    public var observedAt: Timestamp
    public var httpStatus: Int64?
    public var latencyMicroseconds: Int64?
    public var contractVersion: Label?
    public var detail: Prose?

    @inlinable
    public init(
        order: ControlOrder, address: Address, health: HealthState, observedAt: Timestamp, httpStatus: Int64? = nil,
        latencyMicroseconds: Int64? = nil, contractVersion: Label? = nil, detail: Prose? = nil
    ) {
        self.order = order
        self.address = address
        self.health = health
        self.observedAt = observedAt
        self.httpStatus = httpStatus
        self.latencyMicroseconds = latencyMicroseconds
        self.contractVersion = contractVersion
        self.detail = detail
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        address = unread()
        health = unread()
        observedAt = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("address", &address, "Which runner.")
        try fields.field("health", &health, "What is known.")
        try fields.field("observed_at", &observedAt, "When it was asked.")
        try fields.field("http_status", &httpStatus, "Status of the answer.")
        try fields.field("latency_us", &latencyMicroseconds, FieldNote("How long it took.", unit: "microseconds"))
        try fields.field("contract_version", &contractVersion, FieldNote("What it speaks.", example: "lean-v2"))
        try fields.field("detail", &detail, "More.")
    }
}
