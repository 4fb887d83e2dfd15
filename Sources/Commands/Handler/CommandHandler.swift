public import Core
internal import Folding
internal import Threading

/// The handler: answers decisions, each once, and writes answer and position in one append.
///
/// One process answers at a time; the one that came last fences the others. It runs on a thread of its own.
public actor CommandHandler {
    private nonisolated let executor = BlockingExecutor("commands.decide")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let context: HandlerContext

    public init(_ context: HandlerContext) { self.context = context }

    /// Runs until the task is cancelled; throws when another process answers now, or when it cannot go on.
    public func run() async throws(LogError) {
        try await LogPatience.live(
            context.time, fenced: { context.observer.noted(.fenced) },
            retrying: { error in
                context.observer.noted(.retrying(error))
                context.observer.noted(.restarting(error))
            }
        ) { () async throws(LogError) in try await HandlerLife.begin(context).run() }
    }
}
