internal import Core
internal import HTTPClient

/// Asks one ClickHouse over HTTP; questions are read-only, and each has its limits.
struct ClickHouseDesk: Sendable {
    /// An answer that is no answer, in words of our own: what a server wrote is not repeated.
    enum Fault: Error, Equatable, CustomStringConvertible {
        case http(HTTPError)
        case refused(status: Int, code: Int)
        case unreadable

        var description: String {
            switch self {
            case .http(let error): error.description
            case .refused(let status, let code): "status \(status), code \(code)"
            case .unreadable: "an answer of another shape"
            }
        }
    }

    static let maximumAnswerBytes = 256 << 10
    private let settings: ClickHouseSettings
    private let pool: HTTPPool

    init(_ settings: ClickHouseSettings) {
        self.settings = settings
        let limits = HTTPLimits(
            connectTimeout: min(settings.timeout, .seconds(5)), firstByteTimeout: settings.timeout,
            totalTimeout: settings.timeout, maximumResponseBytes: Self.maximumAnswerBytes)
        pool = HTTPPool(lanes: 1, limits: limits, trust: settings.trust)
    }

    /// The rows of a SELECT, of so many columns each.
    func rows(_ query: String, columns: Int, at address: ServiceAddress) async throws(Fault) -> [[String]] {
        let seconds = max(1, settings.timeout.components.seconds)
        let target =
            "\(address.url)?database=\(Escaping.part(settings.database))&max_execution_time=\(seconds)"
            + "&max_result_rows=10000&query=" + Escaping.part(query + " FORMAT TabSeparated")
        var headers = [(name: "X-ClickHouse-User", value: settings.user)]
        if let password = settings.password { headers.append(("X-ClickHouse-Key", password.reveal())) }
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await pool.exchange(HTTPRequest(.get, target, headers: headers)).result.get()
        } catch { throw .http(error) }
        let code = response.header("X-ClickHouse-Exception-Code").flatMap { Int($0) } ?? 0
        guard response.status == 200, code == 0 else { throw .refused(status: response.status, code: code) }
        guard let text = String(validating: response.body, as: UTF8.self) else { throw .unreadable }
        let rows = text.split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        guard rows.allSatisfy({ $0.count == columns }) else { throw .unreadable }
        return rows
    }
}
