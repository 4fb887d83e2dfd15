public import Core
public import Folding

/// What the lane of backtests works with.
public struct BacktestContext: Sendable {
    public let log: any EventLog
    /// `nil` where no runner is named: then every run fails, and says so.
    public let runner: LaneRunner?
    public let time: any TimeSource
    public let observer: any BacktestObserver
    public var limits = BacktestLimits()

    public init(log: any EventLog, runner: LaneRunner?, time: any TimeSource, observer: any BacktestObserver) {
        self.log = log
        self.runner = runner
        self.time = time
        self.observer = observer
    }
}

public struct BacktestLimits: Sendable {
    /// Between two questions about one run.
    public var poll: Duration = .seconds(1)
    /// The longest pause after questions without an answer.
    public var longestPause: Duration = .seconds(30)
    /// From the start of a run to its end, and from its last sign of life before its start; waiting does not count.
    public var timeout: Duration = .seconds(7_200)
    /// Runs that are asked about at a time; others wait their turn.
    public var concurrency = 16
    /// Answers in a row that the runner does not know a run it took in, until it is lost.
    public var proofs = 3
    public var call: Duration = .seconds(10)
    public var wait: Duration = .milliseconds(100)

    public init() {}
}

/// Learns what the lane does; told on any thread.
public protocol BacktestObserver: Sendable {
    func followed(open: Int, isLaneDisabled: Bool)
    func noted(_ note: BacktestNote)
}

public enum BacktestNote: Sendable {
    case ready(runs: Int, open: Int)
    case ended(status: String, failure: String?)
    /// The runner did not answer a question about a run.
    case silent(reason: String)
    case unreadable(Unreadable)
    case retrying(LogError)
    case fenced
}
