import Adapters
import Core
import HTTPServer

/// What the runner was told by its command line and its environment.
struct RunnerSettings: Sendable {
    var host = "127.0.0.1"
    var port: UInt16 = 8088
    /// Its own folder: the journal of the ledger lies below it, and so may a latch `KILL`.
    var dataFolder = ".lean-runner"
    /// The product's data folder, whose latch `KILL` counts here as well.
    var latchFolder: String?
    /// `TRADING_KILL_SWITCH_ENABLED` is true in the environment.
    var isKilledByEnvironment = false
    var token: Secret<String>?
    /// Plain HTTP without one.
    var identity: HTTPServerIdentity?
    var broker = Broker()
    var upstreams = Upstreams()
    var launcher = Launcher()
    var limits = Limits()
    var backtests = BacktestSettings()
    /// For drills: where a submit kills the program, as kill -9 would.
    var drill: SubmitStep?

    /// Where files of market data lie.
    var marketFolder: String { backtests.dataFolder ?? dataFolder + "/market" }

    struct Broker: Sendable {
        var address = AlpacaSettings.paper
        var keyID: Secret<String>?
        var secretKey: Secret<String>?
        /// No call to the broker is longer, whatever its deadline.
        var timeout = Duration.seconds(10)
        var concurrency = 16
    }

    struct Upstreams: Sendable {
        var backtest: String?
        var shadow: String?
        var strategyShadow: String?
        var timeout = Duration.seconds(10)
    }

    /// A program that runs a real LEAN engine, started with a config file.
    struct Launcher: Sendable {
        var command: String?
        var timeout = Duration.seconds(600)
        var maximumOutputBytes: Int64 = 1 << 30
    }

    struct Limits: Sendable {
        var maximumBodyBytes = 1 << 20
        var maximumConnections = 256
        /// How long a stop waits for answers that are being made.
        var drain = Duration.seconds(10)
        /// How long a closed key is remembered.
        var horizon = Duration.seconds(7 * 86_400)
        /// Keys that are remembered at most; further ones are refused, not forgotten.
        var maximumKeys = 200_000
        /// Of all stored answers together, in memory.
        var maximumAnswerBytes = 1 << 30
        /// A deadline that is further ahead is refused.
        var longestDeadline = Duration.seconds(3_600)
        /// After the end of a broker call so long passes before an absence proves anything.
        var margin = Duration.seconds(2)
        /// Between two look-ups of one unresolved order, at least.
        var lookupInterval = Duration.seconds(2)
    }
}

/// Where a submit stands; a drill can end the program at each of them.
enum SubmitStep: String, Sendable, CaseIterable {
    case admitted
    case received
    case sending
    case called
    case settled
}
