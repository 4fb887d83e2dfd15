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
        try await LogPatience.live(
            context.time, fenced: { context.observer.noted(.fenced) },
            retrying: { context.observer.noted(.retrying($0)) }
        ) { () async throws(LogError) in try await FeedLife.begin(context).run() }
    }
}
