public import HTTPClient

/// What an adapter's calls may cost.
public struct AdapterLimits: Sendable, Equatable {
    /// Calls at the same time; more wait, within their deadlines.
    public var concurrency: Int
    public var http: HTTPLimits
    /// A 429 that names no time is waited for so long.
    public var retryAfter: Duration
    /// Requests of one call that may end in 429.
    public var maximumTries: Int
    /// Pages of one list; a list that is longer is incomplete.
    public var maximumPages: Int
    public var pageSize: Int

    public init(
        concurrency: Int = 8, http: HTTPLimits = HTTPLimits(maximumResponseBytes: 4 << 20),
        retryAfter: Duration = .seconds(1), maximumTries: Int = 5, maximumPages: Int = 20, pageSize: Int = 500
    ) {
        precondition(concurrency > 0 && maximumTries > 0 && maximumPages > 0 && pageSize > 1, "limits contradict")
        self.concurrency = concurrency
        self.http = http
        self.retryAfter = retryAfter
        self.maximumTries = maximumTries
        self.maximumPages = maximumPages
        self.pageSize = pageSize
    }

    /// The same with so many calls at once, none of which takes longer than this.
    public func bounded(by deadline: Duration, concurrency: Int) -> AdapterLimits {
        var limits = self
        limits.concurrency = concurrency
        limits.http.connectTimeout = min(http.connectTimeout, deadline)
        limits.http.firstByteTimeout = min(http.firstByteTimeout, deadline)
        limits.http.totalTimeout = min(http.totalTimeout, deadline)
        return limits
    }
}
