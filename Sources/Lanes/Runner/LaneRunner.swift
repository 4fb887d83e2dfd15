public import Core
public import HTTPClient

/// The LEAN runner as the lanes ask it: no order passes here, and no answer of it moves one.
///
/// It has connections of its own, so that a lane that waits takes none from the order path.
public struct LaneRunner: Sendable {
    private let settings: LaneRunnerSettings
    private let pool: HTTPPool

    public init(_ settings: LaneRunnerSettings) {
        self.settings = settings
        pool = HTTPPool(lanes: settings.concurrency, limits: settings.limits, trust: settings.trust)
    }

    public func post(
        _ path: String, _ body: [UInt8], correlationID: CorrelationID, within limit: Duration? = nil,
        idempotencyKey: String? = nil
    ) async -> LaneReply {
        await ask(.post, path, body, correlationID, limit, idempotencyKey)
    }

    public func get(_ path: String, correlationID: CorrelationID, within limit: Duration? = nil) async -> LaneReply {
        await ask(.get, path, [], correlationID, limit)
    }

    private func ask(
        _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8], _ correlationID: CorrelationID,
        _ limit: Duration?, _ idempotencyKey: String? = nil
    ) async -> LaneReply {
        var headers = [
            (name: "X-Correlation-ID", value: correlationID.text), (name: "Accept", value: "application/json"),
        ]
        if let token = settings.token { headers.append(("Authorization", "Bearer " + token.reveal())) }
        if let idempotencyKey { headers.append(("Idempotency-Key", idempotencyKey)) }
        if !body.isEmpty { headers.append(("Content-Type", "application/json")) }
        var limits = settings.limits
        if let limit {
            limits.totalTimeout = min(limits.totalTimeout, limit)
            limits.firstByteTimeout = min(limits.firstByteTimeout, limit)
            limits.connectTimeout = min(limits.connectTimeout, limit)
        }
        let request = HTTPRequest(method, Escaping.base(settings.address) + path, headers: headers, body: body)
        return LaneReply(await pool.exchange(request, limits: limits))
    }
}

/// Where the runner is, and how long a lane waits for it.
public struct LaneRunnerSettings: Sendable {
    public var address: String
    /// Sent as a bearer's token where the runner asks for one.
    public var token: Secret<String>?
    /// Questions that may be on their way at the same time.
    public var concurrency = 4
    public var limits = HTTPLimits(
        connectTimeout: .seconds(2), firstByteTimeout: .seconds(10), totalTimeout: .seconds(10))
    public var trust = HTTPTrust()

    public init(address: String, token: Secret<String>? = nil) {
        self.address = address
        self.token = token
    }

    /// One call takes no longer, and no limit beside this one is shorter.
    public mutating func wait(atMost limit: Duration) {
        limits.firstByteTimeout = limit
        limits.totalTimeout = limit
    }
}
