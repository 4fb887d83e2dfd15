internal import Core
internal import Domain
internal import Folding

/// When the handler's state is kept; written by a task of its own from a copy.
///
/// The state may be kept at any moment at which no append is under way: its own answers that were not read back are
/// part of it.
struct SnapshotRhythm {
    private let context: HandlerContext
    private var savedRecords = 0
    private var savedAt: Duration
    private var saving: Task<Void, Never>?

    init(_ context: HandlerContext) {
        self.context = context
        savedAt = context.time.uptime()
    }

    func isDue(_ records: Int) -> Bool {
        let limits = context.limits
        return records - savedRecords >= limits.snapshotRecords
            || (records != savedRecords && context.time.uptime() - savedAt >= limits.snapshotInterval)
    }

    /// After a long way to the end of the log, so that the next start is short.
    mutating func caughtUp(_ state: HandlerState, _ vector: FoldVector, records: Int) {
        if records >= context.limits.snapshotRecords {
            save(state, vector, records: records)
        } else {
            savedRecords = 0
        }
    }

    mutating func save(_ state: HandlerState, _ vector: FoldVector, records: Int) {
        savedRecords = records
        savedAt = context.time.uptime()
        saving = Task.detached { [context, before = saving] in
            await before?.value
            Self.write(state, vector, context)
        }
    }

    nonisolated(nonsending) mutating func saveLast(_ state: HandlerState, _ vector: FoldVector) async {
        await saving?.value
        Self.write(state, vector, context)
    }

    nonisolated(nonsending) func finish() async { await saving?.value }

    private static func write(_ state: HandlerState, _ vector: FoldVector, _ context: HandlerContext) {
        guard state.known.isWorthKeeping else { return }
        let start = context.time.uptime()
        do throws(SnapshotRefusal) {
            try context.snapshots.save(
                state, at: vector, as: "commands", condition: HandlerState.condition(context.policy))
            context.observer.noted(.snapshotSaved(took: context.time.uptime() - start))
        } catch { context.observer.noted(.snapshotFailed(error)) }
    }
}
