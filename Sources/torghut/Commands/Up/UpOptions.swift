/// What the command line says to `up`.
struct UpOptions: Sendable {
    static let usualRate = "2"
    /// What the trader can do.
    private static let minimumRate = 0.1
    private static let maximumRate = 1_000.0

    let limit: Duration?
    /// Decisions in a second, as it was written.
    let rate: String
    let port: UInt16?
    let isFresh: Bool
    let isSure: Bool
    let hasTrader: Bool

    static let all: [CommandOption] = [
        .valued("for", "TIME", "end by itself after this long, like 60s, and say how it went"),
        .switched("fresh", "begin anew: what 'up' made in the data folder is deleted first"),
        .switched("yes", "with --fresh at a terminal: do not ask"),
        .valued("rate", "R", "simulated decisions in a second, like 0.5 or 20; default \(usualRate)"),
        .switched("no-trader", "no simulated decisions; they may come by the API or 'torghut decisions submit'"),
        .valued("port", "N", "port of API and console; default 8181, or the next free one; 0 for any"),
    ]

    init(_ invocation: Invocation) throws(UsageError) {
        limit = try invocation.duration("for")
        rate = invocation.value("rate") ?? Self.usualRate
        let isPlain = rate.allSatisfy { $0 == "." || ("0"..."9").contains($0) }
        guard isPlain, let number = Double(rate), (Self.minimumRate...Self.maximumRate).contains(number) else {
            throw UsageError(
                "--rate is a number of decisions in a second, 0.1 to \(Int(Self.maximumRate)), not '\(rate)'")
        }
        if let text = invocation.value("port") {
            guard let port = UInt16(text) else { throw UsageError("--port is a port from 0 to 65535, not '\(text)'") }
            self.port = port
        } else {
            port = nil
        }
        isFresh = invocation.has("fresh")
        isSure = invocation.has("yes")
        hasTrader = !invocation.has("no-trader")
    }
}
