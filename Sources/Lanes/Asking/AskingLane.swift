public import Core
internal import Folding
internal import Threading

/// A lane that follows the log, asks the runner about what it finds there, and writes down what it heard.
///
/// No order waits for it, and none can fail by it. One process works at a time; the one that came last fences the
/// others. It runs on a thread of its own.
public actor AskingLane<Craft: LaneCraft> {
    private nonisolated let executor = BlockingExecutor("lanes.asking")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let context: LaneContext<Craft>

    public init(_ context: LaneContext<Craft>) { self.context = context }

    /// Runs until the task is cancelled; throws when another process works now, or when it cannot go on.
    public func run() async throws(LogError) {
        let companion = Task { [craft = context.craft] in await craft.accompany() }
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            try await LogPatience.live(
                context.time, fenced: { context.observer.noted(.fenced) },
                retrying: { context.observer.noted(.retrying($0)) }
            ) { () async throws(LogError) in try await LaneLife.begin(context).run() }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        companion.cancel()
        await companion.value
        try outcome.get()
    }
}
