internal import Core
internal import Domain
internal import Folding

/// When the reconciler's state is kept; only ever between two rounds.
struct ReconcilerSnapshots {
    static let name = "reconciler"

    let isResumed: Bool
    private let context: ReconcilerContext
    private var savedRecords = 0
    private var savedAt: Duration
    /// A record of ours could not be read: a program that can must find it before its state.
    private var isWorthKeeping = true

    init(_ context: ReconcilerContext, isResumed: Bool) {
        self.context = context
        self.isResumed = isResumed
        savedAt = context.time.uptime()
    }

    func isDue(_ records: Int) -> Bool {
        records - savedRecords >= context.limits.snapshotRecords
            || (records > savedRecords && context.time.uptime() - savedAt >= context.limits.snapshotInterval)
    }

    mutating func missesSomething() { isWorthKeeping = false }

    mutating func save(_ state: ReconcileState, _ vector: FoldVector, records: Int = 0) {
        let start = context.time.uptime()
        (savedRecords, savedAt) = (records, start)
        guard isWorthKeeping else { return }
        do throws(SnapshotRefusal) {
            try context.snapshots.save(state, at: vector, as: Self.name, condition: context.account.text)
            context.observer.noted(.snapshotSaved(took: context.time.uptime() - start))
        } catch { context.observer.noted(.snapshotFailed(error)) }
    }
}
