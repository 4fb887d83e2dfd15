internal import API
internal import HTTPServer

/// Where the API listens, and what it allows.
struct APISettings: Sendable {
    static let defaultPort: UInt16 = 8181
    /// Where a stranger's connection can come from, or a name can be looked up.
    static let names = [
        "TORGHUT_API_HOST", "TORGHUT_API_PORT", "TORGHUT_API_TOKENS", "TORGHUT_API_CERT", "TORGHUT_API_KEY",
        "TORGHUT_API_CONNECTIONS", "TORGHUT_API_THREADS", "TORGHUT_API_SESSIONS", "TORGHUT_API_STREAMS",
        "TORGHUT_CONSOLE_CHARTS", SimulatorDesk.setting,
    ]

    var server: HTTPServerSettings
    /// Nobody named a port: where the usual one is taken, any free one will do.
    let isPortFree: Bool
    let tokens: TokenFile?
    /// Sessions of Postgres that readers share.
    let sessions: Int
    /// Clients that may listen to `/trading/stream` at once.
    let streams: Int
    /// The library that draws the console's charts.
    let charts: String

    init(_ settings: Settings) throws(SettingsProblems) {
        var problems: [String] = []
        func number(_ name: String, _ standard: Int, _ range: ClosedRange<Int>) -> Int {
            guard let text = settings.value(of: name) else { return standard }
            guard let number = Int(text), range.contains(number) else {
                problems.append("\(name) is a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
                return standard
            }
            return number
        }
        charts = settings.value(of: "TORGHUT_CONSOLE_CHARTS") ?? ConsoleFolder.standardCharts
        let host = settings.value(of: "TORGHUT_API_HOST") ?? "127.0.0.1"
        let port = number("TORGHUT_API_PORT", Int(Self.defaultPort), 0...65_535)
        isPortFree = settings.value(of: "TORGHUT_API_PORT") == nil
        sessions = number("TORGHUT_API_SESSIONS", 4, 1...64)
        streams = number("TORGHUT_API_STREAMS", 512, 1...10_000)
        server = HTTPServerSettings(
            host: host, port: UInt16(port), maximumBodyBytes: 1 << 20, maximumHeaderBytes: 32 << 10,
            maximumConnections: number("TORGHUT_API_CONNECTIONS", 2_048, 16...20_000), idleTimeout: .seconds(60),
            drainLimit: .seconds(5), receiveLimit: .seconds(30), sendLimit: .seconds(30),
            threads: number("TORGHUT_API_THREADS", 2, 1...16), compressesAbove: 4_096,
            identity: Self.identity(settings, &problems))
        tokens = settings.value(of: "TORGHUT_API_TOKENS").map { TokenFile(path: $0) }
        if let fault = tokens?.fault { problems.append("TORGHUT_API_TOKENS: \(fault)") }
        if tokens == nil, !host.hasPrefix("127.") {
            problems.append(
                "TORGHUT_API_HOST is \(host), which others can reach: name a file of tokens (TORGHUT_API_TOKENS)")
        }
        guard problems.isEmpty else { throw SettingsProblems(problems: problems) }
    }

    private static func identity(_ settings: Settings, _ problems: inout [String]) -> HTTPServerIdentity? {
        switch (settings.value(of: "TORGHUT_API_CERT"), settings.value(of: "TORGHUT_API_KEY")) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return HTTPServerIdentity(certificate: certificate, key: key)
        default:
            problems.append("TORGHUT_API_CERT and TORGHUT_API_KEY belong together")
            return nil
        }
    }
}
