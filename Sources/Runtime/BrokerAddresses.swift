internal import Adapters
internal import Core
internal import Domain

/// Where the brokers are that the settings name, and as whom we come: the one place that reads it.
struct BrokerAddresses: Sendable {
    static let credentials = ["APCA_API_KEY_ID", "APCA_API_SECRET_KEY"]

    /// `nil` without credentials, or when the address is none over HTTP.
    let alpaca: AlpacaSettings?
    let lean: LEANSettings?
    /// Whether Alpaca's address is one over HTTP.
    let hasAlpacaAddress: Bool

    init(_ settings: Settings, _ routing: RoutingPolicy) {
        let keys = Self.credentials.compactMap { settings.value(of: $0) }
        let address = routing.alpacaAddress?.text ?? ""
        hasAlpacaAddress = address.hasPrefix("https://") || address.hasPrefix("http://")
        if keys.count == Self.credentials.count, hasAlpacaAddress {
            alpaca = AlpacaSettings(address: address, keyID: Secret(keys[0]), secretKey: Secret(keys[1]))
        } else {
            alpaca = nil
        }
        lean = routing.runnerAddress.map { runner in
            settings.leanSettings(runner.text, contract: routing.runnerContract?.text)
        }
    }
}
