import Glibc
import Postgres
import Runtime

/// What the house is told by `up`: a broker of its own in any case, and what lets a newcomer see something unless he has
/// said otherwise.
enum UpSettings {
    /// Shown to the simulated broker, which lets everybody in.
    private static let broker = ["APCA_API_KEY_ID": "simulated", "APCA_API_SECRET_KEY": "simulated"]
    /// Symbols that are offered to LEAN first; the others go to Alpaca, so that both routes are seen.
    static let leanSymbols = "AAPL,MSFT,BTC/USD,ETH/USD"
    static let symbols = leanSymbols + ",NVDA,TSLA"
    /// Quotes in a second, of all symbols together.
    static let marketPace = "8"

    /// Whose decisions the simulated trader sends.
    static let strategy = UpOpening.Strategy(
        name: "momentum",
        definition: """
            {"type":"legacy_macd_rsi","version":"1.0.0","qty":"100000","universe":["AAPL","MSFT","BTC/USD","ETH/USD",\
            "NVDA","TSLA"],"limits":{"max_notional":"25000"}}
            """)

    /// What the environment says of another broker or database, which `up` sets aside: it would take the read models of
    /// another log over.
    static var foreign: [String] {
        let environment = Settings.processEnvironment()
        let names = ["APCA_API_BASE_URL", "APCA_API_KEY_ID", "APCA_API_SECRET_KEY", "ALPACA_TRADE_STREAM_URL"]
        var found = names.filter { environment[$0]?.isEmpty == false }
        found += PostgresSettings.variables.filter { environment[$0]?.isEmpty == false }
        if environment["TRADING_MODE"].map({ $0.lowercased() != "paper" && !$0.isEmpty }) == true {
            found.append("TRADING_MODE")
        }
        return found
    }

    /// Goes before the environment, whatever that says: nothing here ever meets a broker that is not ours.
    static func certain(
        _ folder: UpFolder, api: UInt16, simulator: UInt16, stream: UInt16, front: UInt16
    ) -> [String: String] {
        let (broker, streams) = ("http://127.0.0.1:\(simulator)", "ws://127.0.0.1:\(stream)")
        return Self.broker.merging([
            "APCA_API_BASE_URL": broker, "TORGHUT_SIMULATOR_URL": broker,
            "ALPACA_TRADE_STREAM_URL": "\(streams)/stream", "ENABLE_TRADE_UPDATES": "true",
            "TRADING_QUOTES_STREAM_URL": "\(streams)/v2/iex",
            "TRADING_QUOTES_CRYPTO_STREAM_URL": "\(streams)/v1beta3/crypto/us",
            "TRADING_ENABLED": "true", "TRADING_MODE": "paper", "TRADING_LIVE_ENABLED": "false",
            "TRADING_LEAN_RUNNER_URL": "http://127.0.0.1:\(front)", "TRADING_LEAN_RUNNER_TOKEN": "",
            "TRADING_LEAN_RUNNER_FOREIGN": "false",
            "TORGHUT_API_HOST": "127.0.0.1", "TORGHUT_API_PORT": "\(api)", "TORGHUT_API_CERT": "",
            "TORGHUT_API_KEY": "", "TORGHUT_API_TOKENS": folder[UpFolder.tokensName],
        ]) { $1 }
    }

    /// Counts where the environment says nothing: every lane works, windows are short enough to see their ends, and the
    /// account is looked at often, because asking a simulated broker costs nothing.
    static let usual = [
        "TRADING_EXECUTION_ADAPTER": "lean", "TRADING_EXECUTION_ADAPTER_POLICY": "allowlist",
        "TRADING_EXECUTION_ADAPTER_SYMBOLS": leanSymbols, "TRADING_EXECUTION_FALLBACK_ADAPTER": "alpaca",
        "TRADING_CRYPTO_ENABLED": "true", "TRADING_ALLOW_SHORTS": "true",
        "TRADING_LEAN_LIVE_CANARY_ENABLED": "true", "TRADING_LEAN_LIVE_CANARY_CRYPTO_ONLY": "false",
        "TRADING_LEAN_LIVE_CANARY_WINDOW_SECONDS": "120", "TRADING_LEAN_LIVE_CANARY_HEARTBEAT_SECONDS": "10",
        "TRADING_LEAN_SHADOW_EXECUTION_ENABLED": "true", "TRADING_LEAN_STRATEGY_SHADOW_ENABLED": "true",
        "TRADING_LEAN_BACKTEST_ENABLED": "true",
        // The canary shall be seen before a review holds every symbol.
        "TRADING_SYMBOL_REVIEW_FALLBACK_LIMIT": "50",
        "TRADING_QUOTES_ENABLED": "true", "TRADING_QUOTES_SYMBOLS": symbols,
        "TRADING_RECONCILE_MS": "3000", "TRADING_RECONCILE_REQUESTS_PER_MINUTE": "600",
        "RECONNECT_BASE_MS": "100", "RECONNECT_MAX_MS": "2000",
    ]

    /// Both, over an environment.
    static func additions(_ certain: [String: String]) -> [String: String] {
        let environment = Settings.processEnvironment()
        return usual.filter { environment[$0.key]?.isEmpty ?? true }.merging(certain) { $1 }
    }

    /// The variables of this process, for its children; without those whose names begin like this.
    static func processEnvironment(without prefixes: [String]) -> [String: String] {
        var found: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let pair = unsafe String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2, !prefixes.contains(where: { pair[0].hasPrefix($0) }) {
                found[String(pair[0])] = String(pair[1])
            }
            unsafe entry += 1
        }
        return found
    }

    /// The runner's: the same broker, and no word of ours about another.
    static func runnerEnvironment(broker address: String) -> [String: String] {
        processEnvironment(without: [
            "APCA_", "TRADING_LEAN_RUNNER_TOKEN", "TRADING_LEAN_BACKTEST_UPSTREAM_URL",
            "TRADING_LEAN_SHADOW_UPSTREAM_URL", "TRADING_LEAN_STRATEGY_SHADOW_UPSTREAM_URL", "TRADING_MODE",
            "LEAN_RUNNER_",
        ])
        .merging(broker) { $1 }.merging(["APCA_API_BASE_URL": address, "TRADING_MODE": "paper"]) { $1 }
    }
}
