public import Core
public import HTTPClient

/// Where Alpaca is, and as whom we come.
public struct AlpacaSettings: Sendable {
    public static let paper = "https://paper-api.alpaca.markets"
    public static let live = "https://api.alpaca.markets"

    public var address: String
    public var keyID: Secret<String>
    public var secretKey: Secret<String>
    public var limits: AdapterLimits
    public var trust: HTTPTrust

    public init(
        address: String = AlpacaSettings.paper, keyID: Secret<String>, secretKey: Secret<String>,
        limits: AdapterLimits = AdapterLimits(), trust: HTTPTrust = HTTPTrust()
    ) {
        self.address = address
        self.keyID = keyID
        self.secretKey = secretKey
        self.limits = limits
        self.trust = trust
    }
}
