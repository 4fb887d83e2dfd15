internal import Core
internal import Domain
internal import Folding

/// When the feed's state is kept; only ever between two appends.
struct FeedSnapshots {
    static let name = "order-feed"

    let isResumed: Bool
    private let context: FeedContext
    private var messages = 0
    private var savedAt: Duration
    /// A record of ours could not be read: a program that can must find it before its state.
    private var isWorthKeeping = true

    init(_ context: FeedContext, isResumed: Bool) {
        self.context = context
        self.isResumed = isResumed
        savedAt = context.time.uptime()
    }

    mutating func isDue(_ more: Int) -> Bool {
        messages += more
        return messages >= context.limits.snapshotRecords
            || (messages > 0 && context.time.uptime() - savedAt >= context.limits.snapshotInterval)
    }

    mutating func missesSomething() { isWorthKeeping = false }

    mutating func save(_ state: FeedState, _ vector: FoldVector) {
        let start = context.time.uptime()
        (messages, savedAt) = (0, start)
        guard isWorthKeeping else { return }
        do throws(SnapshotRefusal) {
            try context.snapshots.save(state, at: vector, as: Self.name)
            context.observer.noted(.snapshotSaved(took: context.time.uptime() - start))
        } catch { context.observer.noted(.snapshotFailed(error)) }
    }
}
