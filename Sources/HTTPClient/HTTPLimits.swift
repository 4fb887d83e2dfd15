/// What a request may cost before it is given up.
public struct HTTPLimits: Sendable, Equatable {
    public var connectTimeout: Duration
    /// From the ready connection to the first byte of the answer.
    public var firstByteTimeout: Duration
    /// From the first look at the address to the last byte of the answer.
    public var totalTimeout: Duration
    public var maximumResponseBytes: Int
    /// All headers of an answer together.
    public var maximumHeaderBytes: Int
    /// A connection that lay idle for longer is not used again: the other side may be about to close it.
    public var maximumIdle: Duration

    public init(
        connectTimeout: Duration = .seconds(5), firstByteTimeout: Duration = .seconds(30),
        totalTimeout: Duration = .seconds(30), maximumResponseBytes: Int = 1 << 20,
        maximumHeaderBytes: Int = 64 << 10, maximumIdle: Duration = .seconds(20)
    ) {
        self.connectTimeout = connectTimeout
        self.firstByteTimeout = firstByteTimeout
        self.totalTimeout = totalTimeout
        self.maximumResponseBytes = maximumResponseBytes
        self.maximumHeaderBytes = maximumHeaderBytes
        self.maximumIdle = maximumIdle
    }
}

/// Whom a client trusts, and where it may speak without a seal.
public struct HTTPTrust: Sendable, Equatable {
    /// A PEM file instead of the machine's own authorities.
    public var authorities: String?
    /// Plain HTTP leaves the machine only when its owner said so.
    public var plainBeyondLoopback: Bool

    public init(authorities: String? = nil, plainBeyondLoopback: Bool = false) {
        self.authorities = authorities
        self.plainBeyondLoopback = plainBeyondLoopback
    }
}
