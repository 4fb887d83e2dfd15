import HTTPClient

/// The runner's way to the broker.
final class LeanBroker: Sendable {
    private let address: String
    private let headers: [(name: String, value: String)]
    private let pool = HTTPPool(lanes: 16, limits: HTTPLimits(totalTimeout: .seconds(10)))

    init(address: String, key: String, secret: String) {
        self.address = Escaping.base(address)
        headers = [
            ("APCA-API-KEY-ID", key), ("APCA-API-SECRET-KEY", secret), ("Content-Type", "application/json"),
        ]
    }

    enum Answer: Sendable {
        case status(Int, Tree?)
        /// Not one byte went out.
        case notSent
        case lost
    }

    func ask(_ method: HTTPRequest.Method, _ path: String, _ body: Tree? = nil) async -> Answer {
        let exchange = await pool.exchange(
            HTTPRequest(method, address + path, headers: headers, body: body?.bytes ?? []))
        switch exchange.result {
        case .success(let response): return .status(response.status, Tree(response.body))
        case .failure: return exchange.evidence.isConnected ? .lost : .notSent
        }
    }
}
