internal import Adapters
internal import Core
internal import Domain
internal import Folding
internal import Wire

/// One ownership of the reconciler, from taking over to the first failure.
///
/// Whatever fails, all that is in memory is dropped and the log is read again.
final class ReconcilerLife {
    let context: ReconcilerContext
    /// `nil` when nothing is to be written.
    let writer: (any EventWriter)?
    private let follower: LogFollower<EventReading>
    var state: ReconcileState
    var suspicions = Suspicions()
    var budget: ReadBudget
    var asking: OrdersToAsk
    var seq: Int64 = 0
    private var snapshots: ReconcilerSnapshots

    var postponedRounds = 0
    /// When nothing of the stream was on its way any more, and since when something is.
    var caughtUpAt = Timestamp.earliest
    var heldBackSince: Duration?

    private static let topics = [
        TopicCatalog.route, TopicCatalog.orderEvents, TopicCatalog.account, TopicCatalog.control,
    ]
    private static let sources = topics.flatMap { topic in
        (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
    }

    private init(
        _ context: ReconcilerContext, _ writer: (any EventWriter)?, _ fold: ResumedFold<ReconcileState, EventReading>
    ) {
        self.context = context
        self.writer = writer
        follower = fold.follower
        state = fold.state
        asking = OrdersToAsk(silence: context.limits.silence)
        budget = ReadBudget(perMinute: context.limits.requestsPerMinute, at: context.time.uptime())
        snapshots = ReconcilerSnapshots(context, isResumed: fold.isFromSnapshot)
    }

    /// Fences whoever reconciled before, and opens the fold; nothing is folded yet.
    nonisolated(nonsending) static func begin(
        _ context: ReconcilerContext, writes: Bool = true
    ) async throws(LogError) -> ReconcilerLife {
        let writer = writes ? try await context.log.writer(named: context.writerName) : nil
        do throws(LogError) {
            let fold: ResumedFold<ReconcileState, EventReading> = try await context.snapshots.resume(
                ReconcilerSnapshots.name, from: context.log, sources, condition: context.account.text,
                empty: { ReconcileState(of: context.account) },
                reading: { EventReading(wanting: ReconcileState.wanted) })
            if let discarded = fold.discarded { context.observer.noted(.snapshotDiscarded(discarded)) }
            return ReconcilerLife(context, writer, fold)
        } catch {
            await writer?.close()
            throw error
        }
    }

    /// Runs until the task is cancelled or something fails.
    nonisolated(nonsending) func run() async throws(LogError) {
        let failure: LogError?
        do throws(LogError) {
            try await catchUp()
            while !Task.isCancelled {
                let start = context.time.uptime()
                context.observer.finished(try await round())
                let records = follower.recordsRead
                if snapshots.isDue(records) { snapshots.save(state, follower.vector, records: records) }
                while !Task.isCancelled, context.time.uptime() - start < context.limits.period {
                    try await follow(waiting: context.limits.wait)
                }
            }
            if follower.isCaughtUp { snapshots.save(state, follower.vector) }
            failure = nil
        } catch { failure = error }
        await close()
        if let failure { throw failure }
    }

    nonisolated(nonsending) func close() async {
        await follower.close()
        await writer?.close()
    }

    nonisolated(nonsending) func catchUp() async throws(LogError) {
        let start = context.time.uptime()
        while !follower.isCaughtUp, !Task.isCancelled { try await follow(waiting: context.limits.wait) }
        guard !Task.isCancelled else { return }
        context.observer.noted(
            .ready(
                records: follower.recordsRead, fromSnapshot: snapshots.isResumed,
                took: context.time.uptime() - start))
    }

    @discardableResult
    private nonisolated(nonsending) func follow(waiting limit: Duration) async throws(LogError) -> Bool {
        let batch = try await follower.next(waiting: limit)
        for record in batch {
            switch record.content {
            case .fact(let event): state.fold(event)
            case .unreadable(let unreadable):
                snapshots.missesSomething()
                context.observer.noted(.unreadable(unreadable))
            }
        }
        return !batch.isEmpty
    }

    /// Folds everything that lies on the log at this moment; false when that took too long.
    ///
    /// What comes meanwhile is not waited for: it may never end.
    @discardableResult
    nonisolated(nonsending) func followToEnd() async throws(LogError) -> Bool {
        let ends = try await context.log.bounds(of: Self.sources)
        let start = context.time.uptime()
        while !Task.isCancelled {
            let places = follower.vector.places
            if ends.allSatisfy({ places[$0.key]?.next ?? 0 >= $0.value.end }) { return true }
            guard context.time.uptime() - start < context.limits.following else { return false }
            try await follow(waiting: context.limits.wait)
        }
        return false
    }
}
