public import Core
internal import Folding
internal import Threading

/// The order feed: says of each broker update what it is, once, and writes that and its position in one append.
///
/// One process feeds at a time; the one that came last fences the others. It runs on a thread of its own.
public actor OrderFeed {
    private nonisolated let executor = BlockingExecutor("ingest.orders")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let context: FeedContext

    public init(_ context: FeedContext) { self.context = context }

    /// Runs until the task is cancelled; throws when another process feeds now, or when it cannot go on.
    public func run() async throws(LogError) {
        var patience = LogPatience()
        while !Task.isCancelled {
            let start = context.time.uptime()
            do throws(LogError) {
                try await FeedLife.begin(context).run()
                return
            } catch {
                if Task.isCancelled, error.disposition != .halt { return }
                if case .fenced = error.reason { context.observer.noted(.fenced) }
                let pause = try patience.pause(after: error, having: context.time.uptime() - start)
                context.observer.noted(.retrying(error))
                // Cancelled: there is nothing in hand.
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }
}
