public import Core

/// What an adapter answered, and how long it took.
public struct AdapterReply: FieldRecord {
    public var httpStatus: Int64?
    public var code: Code?
    public var reason: Prose?
    public var latencyMicroseconds: Int64?
    public var executionAuditJSON: CompactJSON?

    @inlinable
    public init(
        httpStatus: Int64? = nil, code: Code? = nil, reason: Prose? = nil, latencyMicroseconds: Int64? = nil,
        executionAuditJSON: CompactJSON? = nil
    ) {
        self.httpStatus = httpStatus
        self.code = code
        self.reason = reason
        self.latencyMicroseconds = latencyMicroseconds
        self.executionAuditJSON = executionAuditJSON
    }

    @inlinable
    public init(unread: Unread) {
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("http_status", &httpStatus, "Status of the answer.")
        try fields.field("code", &code, FieldNote("The answer's own code.", example: "broker_rejected"))
        try fields.field("reason", &reason, "The answer's own words.")
        try fields.field(
            "latency_us", &latencyMicroseconds,
            FieldNote("From the first byte out to the last byte in.", unit: "microseconds"))
        try fields.field("execution_audit_json", &executionAuditJSON, "The audit envelope the adapter sent along.")
    }
}
