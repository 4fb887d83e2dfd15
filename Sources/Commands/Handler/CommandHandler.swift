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
        var patience = LogPatience()
        while !Task.isCancelled {
            let start = context.time.uptime()
            do throws(LogError) {
                try await HandlerLife.begin(context).run()
                return
            } catch {
                if Task.isCancelled, error.disposition != .halt { return }
                if case .fenced = error.reason { context.observer.noted(.fenced) }
                let pause = try patience.pause(after: error, having: context.time.uptime() - start)
                context.observer.noted(.retrying(error))
                context.observer.noted(.restarting(error))
                // Cancelled: there is nothing in hand.
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }
}
