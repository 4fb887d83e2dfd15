public import Core
public import HTTPClient

/// Where the LEAN runner is.
public struct LEANSettings: Sendable {
    public var address: String
    /// Sent as a bearer's token where the runner asks for one.
    public var token: Secret<String>?
    public var limits: AdapterLimits
    public var trust: HTTPTrust
    /// What the runner must say that it speaks; `nil` for one that says nothing of the kind.
    public var contractVersion: String?

    /// What this adapter speaks.
    public static let spoken = "lean-v2"

    public init(
        address: String, token: Secret<String>? = nil, limits: AdapterLimits = AdapterLimits(),
        trust: HTTPTrust = HTTPTrust(), contractVersion: String? = LEANSettings.spoken
    ) {
        self.address = address
        self.token = token
        self.limits = limits
        self.trust = trust
        self.contractVersion = contractVersion
    }
}
