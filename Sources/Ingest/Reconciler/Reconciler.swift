internal import Adapters
public import Core
internal import Domain
internal import Folding
internal import Threading

/// The reconciler: holds what we were told against the broker's own books, and says what does not fit.
///
/// It mends nothing and invents nothing: differences become events, and so does their end. One process reconciles at a
/// time; the one that came last fences the others. It runs on a thread of its own.
public actor Reconciler {
    private nonisolated let executor = BlockingExecutor("ingest.reconcile")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let context: ReconcilerContext

    public init(_ context: ReconcilerContext) { self.context = context }

    /// Runs until the task is cancelled; throws when another process reconciles now, or when it cannot go on.
    public func run() async throws(LogError) {
        try await LogPatience.live(
            context.time, fenced: { context.observer.noted(.fenced) },
            retrying: { context.observer.noted(.retrying($0)) }
        ) { () async throws(LogError) in try await ReconcilerLife.begin(context).run() }
    }

    /// One look: a second round after the grace when the first shows what is not known yet, because one answer alone
    /// is never believed.
    public func once(writing: Bool) async throws(LogError) -> RoundReport {
        let life = try await ReconcilerLife.begin(context, writes: writing)
        let outcome: Result<RoundReport, LogError>
        do throws(LogError) {
            try await life.catchUp()
            var report = try await life.round()
            let known = Set(report.open.map(\.key)).union(report.explained)
            if report.differences.contains(where: { !known.contains($0.key) }), await waited(context.limits.grace) {
                let first = report
                report = try await life.round()
                report.add(first)
            }
            outcome = .success(report)
        } catch { outcome = .failure(error) }
        await life.close()
        return try outcome.get()
    }
}

extension Reconciler {
    /// False when there is no time for a second look.
    private func waited(_ pause: Duration) async -> Bool {
        do { try await Task.sleep(for: pause) } catch { return false }
        return true
    }
}

extension RoundReport {
    /// What an earlier round of the same look did.
    fileprivate mutating func add(_ first: RoundReport) {
        updates += first.updates
        failures += first.failures
        wroteFacts = wroteFacts || first.wroteFacts
        took += first.took
        findings.resolved = first.findings.resolved + findings.resolved
    }
}
