internal import Adapters
internal import Core
internal import Domain

/// Asks one adapter how it is, as a newcomer would; nothing of an order's path is used for it.
struct AdapterProbe: Sendable {
    /// For one question.
    static let patience: Duration = .seconds(3)

    let known: AdapterEvidence
    private let adapter: (any OrderAdapter)?
    private let time: any TimeSource

    /// LEAN's runner and Alpaca, as far as this process knows where they are and as whom it comes.
    static func all(_ settings: Settings, _ time: any TimeSource) -> [AdapterProbe] {
        let routing = settings.policy.policy.routing
        let addresses = BrokerAddresses(settings, routing)
        let lean = addresses.lean.map { LEANAdapter($0, time: time) }
        let alpaca = addresses.alpaca.map { AlpacaAdapter($0, time: time) }
        return [
            AdapterProbe(.lean, routing.runnerAddress?.text, lean, time),
            AdapterProbe(.alpaca, routing.alpacaAddress?.text, alpaca, time),
        ]
    }

    private init(_ name: Adapter, _ address: String?, _ adapter: (any OrderAdapter)?, _ time: any TimeSource) {
        known = AdapterEvidence(name, address: address, isAsked: adapter != nil)
        self.adapter = adapter
        self.time = time
    }

    func look() async -> AdapterEvidence {
        guard let adapter else { return known }
        var found = known
        let asked = time.now()
        let call = CallTerms(
            correlationID: CorrelationID(trusted: "torghut-status-\(asked.nanoseconds)"),
            deadline: asked.advanced(by: Self.patience) ?? .latest)
        let answer = await adapter.health(call)
        found.askedAt = time.now()
        found.latencyMicroseconds = answer.call.reply.latencyMicroseconds
        switch answer.verdict {
        case .healthy: found.health = .healthy
        case .unhealthy(let code): (found.health, found.detail) = (.unhealthy, code.text)
        case .credentialsRefused: (found.health, found.detail) = (.unhealthy, "credentials_refused")
        }
        return found
    }
}
