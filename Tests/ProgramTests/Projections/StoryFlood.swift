import Bus
import Core
import Domain
import Synchronization
import TestSupport
import Wire

/// Appends the lives of many orders to a journal while others fold it, never further ahead of them than a window.
final class StoryFlood: Sendable {
    private struct Count {
        var appended = 0
        var brokerUpdates: Int64 = 0
        var folded = 0
    }

    let total: Int
    /// How many are appended at a time.
    private let piece: Int
    /// Small beside what is left after the last deed of a storm, so that the log grows during all of them.
    private let window: Int
    private let seed: UInt64
    private let log: JournalLog
    private let count = Mutex(Count())

    init(_ journal: String, total: Int, seed: UInt64) {
        log = JournalLog(journal)
        self.total = total
        piece = min(1_000, max(1, total / 100))
        window = total / 20
        self.seed = seed
    }

    var appended: Int { count.withLock(\.appended) }
    /// Each becomes one row of `execution_order_events`.
    var brokerUpdates: Int64 { count.withLock(\.brokerUpdates) }

    /// Says how far the log is folded, as far as anybody knows.
    func heard(folded: Int) { count.withLock { $0.folded = max($0.folded, folded) } }

    private var hasRoom: Bool { count.withLock { $0.appended - $0.folded < window } }

    func run() async throws {
        let writer = try await log.writer(named: "test.story")
        var story = StoryTeller(StoryTeller.Settings(seed: seed, orders: total, symbols: 200, open: 500))
        var encoder = EventEncoder()
        while appended < total {
            try Task.checkCancellation()
            guard hasRoom else {
                try await Task.sleep(for: .milliseconds(2))
                continue
            }
            var (records, updates): ([NewRecord], Int64) = ([], 0)
            while records.count < min(piece, total - appended), let event = story.next() {
                records.append(encoder.record(event))
                if event.content.type == .orderEvents(.brokerUpdateRecorded) { updates += 1 }
            }
            try await writer.append(Append(records))
            count.withLock {
                $0.appended += records.count
                $0.brokerUpdates += updates
            }
        }
        await writer.close()
    }

    func close() async { await log.close() }
}
