public import Core
public import HTTPClient

/// Where the LEAN runner is.
public struct LEANSettings: Sendable {
    public var address: String
    /// Sent as a bearer's token where the runner asks for one.
    public var token: Secret<String>?
    public var limits: AdapterLimits
    public var trust: HTTPTrust

    public init(
        address: String, token: Secret<String>? = nil, limits: AdapterLimits = AdapterLimits(),
        trust: HTTPTrust = HTTPTrust()
    ) {
        self.address = address
        self.token = token
        self.limits = limits
        self.trust = trust
    }
}
