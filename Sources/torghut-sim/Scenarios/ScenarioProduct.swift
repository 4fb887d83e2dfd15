import HTTPClient

/// The product's API, as somebody outside uses it.
struct ScenarioProduct: Sendable {
    private let address: String
    private let token: String
    private let pool = HTTPPool(lanes: 2, limits: HTTPLimits(totalTimeout: .seconds(15)))

    init(address: String, token: String) {
        self.address = Escaping.base(address)
        self.token = token
    }

    /// From a file of JSON with `api` and `token`; `nil` while there is none.
    init?(file: String) {
        guard let bytes = DiskFile.read(file), let tree = Tree(bytes), let api = tree["api"]?.string,
            let token = tree["token"]?.string
        else { return nil }
        self.init(address: api, token: token)
    }

    func get(_ path: String) async -> Tree? { await ask(.get, path, [])?.body }

    /// What the kill switch is, and because of what; `nil` when nobody says.
    func kill() async -> (state: String, reason: String)? {
        guard let said = await get("/trading/control")?["kill_switch"], let state = said["state"]?.string else {
            return nil
        }
        return (state, said["reason"]?.string ?? "")
    }

    /// The status; `nil` when nobody answered.
    func post(_ path: String, reason: String) async -> Int? {
        await ask(.post, path, Tree.object(["reason": .string(reason)]).bytes)?.status
    }

    private func ask(
        _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8]
    ) async -> (status: Int, body: Tree?)? {
        let exchange = await pool.exchange(
            HTTPRequest(
                method, address + path,
                headers: [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")], body: body))
        guard case .success(let response) = exchange.result else { return nil }
        return (response.status, Tree(response.body))
    }
}
