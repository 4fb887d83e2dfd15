public import Core
internal import Folding
internal import Threading

/// Follows what is asked for, has the runner do it, and writes down what came of it.
///
/// All it needs is on the log: after a restart it submits again what is open, under the same key, which the runner takes
/// for the same submit. It runs on a thread of its own; one process works at a time.
public actor BacktestLane {
    private nonisolated let executor = BlockingExecutor("lanes.backtests")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let context: BacktestContext

    public init(_ context: BacktestContext) { self.context = context }

    /// Runs until the task is cancelled; throws when another process works now, or when it cannot go on.
    public func run() async throws(LogError) {
        try await LogPatience.live(
            context.time, fenced: { context.observer.noted(.fenced) },
            retrying: { context.observer.noted(.retrying($0)) }
        ) { () async throws(LogError) in try await BacktestLife.begin(context).run() }
    }
}
