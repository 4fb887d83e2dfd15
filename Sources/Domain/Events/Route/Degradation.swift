/// How badly an adapter is doing.
public struct Degradation: FieldRecord {
    public var failureTaxonomy: FailureTaxonomy
    public var httpStatus: Int64?
    public var latencyMicroseconds: Int64?
    public var windowSeconds: Int64
    public var windowRequests: Int64
    public var windowFailures: Int64

    @inlinable
    public init(
        failureTaxonomy: FailureTaxonomy, httpStatus: Int64? = nil, latencyMicroseconds: Int64? = nil,
        windowSeconds: Int64, windowRequests: Int64, windowFailures: Int64
    ) {
        self.failureTaxonomy = failureTaxonomy
        self.httpStatus = httpStatus
        self.latencyMicroseconds = latencyMicroseconds
        self.windowSeconds = windowSeconds
        self.windowRequests = windowRequests
        self.windowFailures = windowFailures
    }

    @inlinable
    public init(unread: Unread) {
        failureTaxonomy = unread()
        windowSeconds = unread()
        windowRequests = unread()
        windowFailures = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("failure_taxonomy", &failureTaxonomy, "How the last call failed.")
        try fields.field("http_status", &httpStatus, "Status of its answer.")
        try fields.field("latency_us", &latencyMicroseconds, FieldNote("How long it took.", unit: "microseconds"))
        try fields.field("window_seconds", &windowSeconds, FieldNote("The window that is counted.", unit: "seconds"))
        try fields.field("window_requests", &windowRequests, "Requests in it.")
        try fields.field("window_failures", &windowFailures, "Failures in it.")
    }
}
