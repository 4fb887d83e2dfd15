import HTTPClient
import HTTPServer

/// Passes a request on as it came, and its answer back.
final class Forwarding: Sendable {
    private let pool: HTTPPool

    init(lanes: Int = 32) { pool = HTTPPool(lanes: lanes, limits: HTTPLimits(totalTimeout: .seconds(60))) }

    /// Headers that belong to one connection, not to what is passed on.
    private static let notPassedOn: Set<String> = [
        "host", "connection", "content-length", "transfer-encoding", "keep-alive", "expect", "date",
    ]

    static let badGateway = HTTPServerResponse.text("bad gateway\n", status: 502)

    /// `nil` when nobody answered.
    func forward(_ request: HTTPServerRequest, to address: String) async -> HTTPServerResponse? {
        guard let method = HTTPRequest.Method(rawValue: request.method) else { return Self.badGateway }
        let headers = request.headers.filter { !Self.notPassedOn.contains($0.name.lowercased()) }
        let exchange = await pool.exchange(
            HTTPRequest(method, address + request.target, headers: headers, body: request.body))
        guard case .success(let response) = exchange.result else { return nil }
        return HTTPServerResponse(
            status: response.status,
            headers: response.headers.filter { !Self.notPassedOn.contains($0.name.lowercased()) },
            body: .bytes(response.body))
    }
}
