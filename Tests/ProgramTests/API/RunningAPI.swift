import Foundation
import TestSupport
import Testing

/// `torghut run` with the role api, its address, and tokens for it.
struct RunningAPI {
    static let auth = "Authorization: Bearer anna-token-01234567"
    static let reader = "Authorization: Bearer reader-token-0123456"
    static let (trader, lookers, late) = ("anna-token-01234567", "reader-token-0123456", "late-token-012345678")

    let roles: RunningRoles
    let address: String

    /// On a database that may not be there.
    init(
        _ program: Program, roles names: String, address database: String, port asked: String = "0"
    ) async throws {
        var program = program
        let tokens = program.ground.folder + "/tokens"
        let lines = """
            reader read \(Self.lookers)
            anna operate,trade \(Self.trader)
            late read,operate,trade \(Self.late) 2026-01-01T00:00:00Z

            """
        try lines.write(toFile: tokens, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: tokens)
        program.environment.merge([
            "TORGHUT_DB_DSN": database, "TORGHUT_API_PORT": asked, "TORGHUT_API_TOKENS": tokens,
        ]) { $1 }
        let roles = try await RunningRoles(program, names)
        self.roles = roles
        var port = 0
        try await eventually("a listening API") {
            for line in try roles.text().split(separator: "\n") where line.contains("\"api_listening\"") {
                port = try fields(String(line))["port"] as? Int ?? 0
            }
            return port != 0
        }
        address = "http://127.0.0.1:\(port)"
    }

    struct Answer: Sendable {
        let status: Int
        let headers: String
        let body: String

        func header(_ name: String) -> String? {
            headers.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
        }
    }

    /// Asks from any task.
    struct Client: Sendable {
        let address: String

        func curl(_ path: String, as auth: String? = RunningAPI.auth, _ options: [String] = []) async throws -> Answer {
            let arguments =
                ["-sS", "-i", "--max-time", "60", "-w", "\n%{http_code}"] + (auth.map { ["-H", $0] } ?? []) + options
                + [address + path]
            let output = try await aside { try Judge.run("curl", arguments).output }
            let status = output.split(separator: "\n").last.flatMap { Int($0) } ?? 0
            let text = output.prefix { _ in true }.dropLast("\(status)".count + 1)
            // A header ends its line with two bytes that Swift takes for one character.
            let parts = String(text).components(separatedBy: "\r\n\r\n")
            return Answer(status: status, headers: parts[0], body: parts.dropFirst().joined(separator: "\r\n\r\n"))
        }

        func post(_ path: String, _ body: String, as auth: String? = RunningAPI.auth) async throws -> Answer {
            try await curl(path, as: auth, ["-H", "Content-Type: application/json", "-d", body])
        }
    }

    var client: Client { Client(address: address) }

    /// What a new listener hears in so many seconds, once there is all that he waits for.
    func opening(_ seconds: Int = 1, until isEnough: (String) -> Bool = { $0.contains("event: snapshot") }) async throws
        -> String
    {
        var heard = ""
        try await eventually("the stream's beginning") {
            heard = try await curl("/trading/stream", "-N", "--max-time", "\(seconds)").body
            return isEnough(heard)
        }
        return heard
    }

    func curl(_ path: String, as auth: String? = RunningAPI.auth, _ options: String...) async throws -> Answer {
        try await client.curl(path, as: auth, options)
    }

    func post(_ path: String, _ body: String, as auth: String? = RunningAPI.auth) async throws -> Answer {
        try await client.post(path, body, as: auth)
    }

    static func decision(_ number: Int, qty: String = "10") -> String {
        """
        {"account_label":"paper","symbol":"AAPL","event_ts":"2026-02-12T14:03:0\(number)Z","strategy_id":"s1",\
        "timeframe":"1Min","action":"buy","qty":"\(qty)","order_type":"limit","time_in_force":"day",\
        "limit_price":"190.25"}
        """
    }
}
