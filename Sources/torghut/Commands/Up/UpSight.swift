import Core
import Domain
import Folding
import HTTPClient
import JSON
import Synchronization
import Threading

/// Whether trading can go on and how far the roles are, as everybody else is told it: by the API, and by the heartbeats on
/// the log.
final class UpSight: Sendable {
    struct Look: Sendable {
        /// `nil` while nobody knows.
        var isSafe: Bool?
        var reasons: [String] = []
        var lag: Int64 = 0
        var rolesWell = 0
        var roles = 0
    }

    static let every: Duration = .seconds(1)
    private static let rolesEvery = 3

    private let log: any EventLog
    private let api: String
    private let token: String
    private let pool = HTTPPool(
        lanes: 2,
        limits: HTTPLimits(connectTimeout: .seconds(1), firstByteTimeout: .seconds(3), totalTimeout: .seconds(3)))
    private let look = Mutex(Look())

    init(_ log: any EventLog, api: String, token: String) {
        self.log = log
        self.api = api
        self.token = token
    }

    var now: Look { look.withLock { $0 } }

    /// Until the task is cancelled.
    func run() async throws {
        var number = 0
        while true {
            await lookAtSafety()
            if number % Self.rolesEvery == 0 { await lookAtRoles() }
            number += 1
            try await Task.sleep(for: Self.every)
        }
    }

    /// Whether the API answers.
    func isListening() async -> Bool {
        guard case .success(let answer) = await ask("/healthz") else { return false }
        return answer.status == 200 || answer.status == 503
    }

    private func ask(_ path: String) async -> Result<HTTPResponse, HTTPError> {
        let request = HTTPRequest(.get, api + path, headers: [("Authorization", "Bearer \(token)")])
        return await pool.exchange(request).result
    }

    func lookAtSafety() async {
        let read = Self.safety(await ask("/trading/safety"))
        look.withLock { ($0.isSafe, $0.reasons) = read }
    }

    private static func safety(_ answer: Result<HTTPResponse, HTTPError>) -> (isSafe: Bool?, reasons: [String]) {
        guard case .success(let response) = answer, response.status == 200 else {
            return (nil, ["the API does not say"])
        }
        var parser = JSONParser()
        guard let root = try? parser.parse(response.body), var fields = root.fields() else {
            return (nil, ["the API says nothing that can be read"])
        }
        var (isSafe, reasons): (Bool?, [String]) = (nil, [])
        while let field = fields.next() {
            if field.name == "safe" { isSafe = field.value.bool }
            guard field.name == "reasons", var entries = field.value.elements() else { continue }
            while let entry = entries.next() { reasons.append(words(of: entry)) }
        }
        return (isSafe, reasons)
    }

    private static func words(of reason: JSONValue) -> String {
        var texts: [String: String] = [:]
        guard var fields = reason.fields() else { return "" }
        while let field = fields.next() { texts[field.name] = field.value.string }
        let what = [texts["what"], texts["name"]].compactMap { $0 }.joined(separator: " ")
        return "\(what) is \(texts["state"] ?? "unknown"): \(texts["reason"] ?? "")"
    }

    private func lookAtRoles() async {
        guard let sightings = try? await RoleView.read(log) else { return }
        let standings = sightings.standings(at: SystemTime().now()).filter { !$0.isReplaced }
        look.withLock { look in
            look.lag = standings.reduce(0) { $0 + max(0, $1.lag) }
            look.roles = standings.count
            look.rolesWell = standings.count(where: \.isWell)
        }
    }
}
