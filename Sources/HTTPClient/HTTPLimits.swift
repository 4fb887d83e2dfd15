/// What a request may cost before it is given up.
public struct HTTPLimits: Sendable, Equatable {
    public var connectTimeout: Duration
    /// From the first look at the address to the last byte of the answer.
    public var totalTimeout: Duration
    public var maximumResponseBytes: Int

    public init(
        connectTimeout: Duration = .seconds(5), totalTimeout: Duration = .seconds(30),
        maximumResponseBytes: Int = 1 << 20
    ) {
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.maximumResponseBytes = maximumResponseBytes
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
