internal import Core
internal import Domain
internal import Synchronization

/// Asks the log, for all partitions of a process, how far control reaches: only that proves that a view of it is whole.
final class ControlWatch: Sendable {
    static let source = TopicPartition(TopicCatalog.control.name, 0)

    struct Look: Sendable {
        /// Before the question went out: what was appended later is not in the answer.
        let askedAt: Timestamp
        let end: Int64
    }

    private let log: any EventLog
    private let time: any TimeSource
    private let latest = Mutex<Look?>(nil)

    init(_ log: any EventLog, _ time: any TimeSource) {
        self.log = log
        self.time = time
    }

    var look: Look? { latest.withLock { $0 } }

    func ask() async throws(LogError) {
        let askedAt = time.now()
        guard let bounds = try await log.bounds(of: [Self.source])[Self.source] else { return }
        latest.withLock { latest in
            // An answer that was overtaken says less.
            if let known = latest, known.askedAt > askedAt { return }
            latest = Look(askedAt: askedAt, end: bounds.end)
        }
    }

    /// Asks until cancelled; while the log does not answer, every view of control grows stale.
    func run(every pause: Duration) async {
        while !Task.isCancelled {
            do { try await ask() } catch {
                // Whoever appends meets the same log and says why; here nothing is known, and that is what counts.
                latest.withLock { $0 = nil }
            }
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }
}
