import Core
import Domain
import Synchronization
import TestSupport

/// A log that looks whether a handler asks for the end of control before it has taken in what it was handed.
///
/// A proof is due with every record of control: each one moves the clock.
final class ProofLog: ForwardingLog {
    private struct Seen {
        var handed = 0
        var proofs = 0
        var early = 0
    }

    let log: any EventLog
    private let floor: TradingFloor
    private let seen = Mutex(Seen())

    init(_ floor: TradingFloor) {
        self.floor = floor
        log = floor.log
    }

    /// How often the end was asked for since the first unreadable record was handed out.
    var proofs: Int { seen.withLock { $0.proofs } }
    /// How often it was asked for too early.
    var early: Int { seen.withLock { $0.early } }

    private static let control = TopicPartition(TopicCatalog.control.name, 0)

    func writer(named name: String) async throws(LogError) -> any EventWriter { try await log.writer(named: name) }

    func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds] {
        let known = floor.watch.now.unreadable.count
        if partitions == [Self.control] {
            seen.withLock { seen in
                guard seen.handed > 0 else { return }
                seen.proofs += 1
                if known < seen.handed { seen.early += 1 }
            }
        }
        return try await log.bounds(of: partitions)
    }

    private struct Reader: EventReader {
        let reader: any EventReader
        let log: ProofLog

        func next(waiting limit: Duration) async throws(LogError) -> RecordBatch {
            let batch = try await reader.next(waiting: limit)
            for entry in batch.entries where batch.copy(of: entry.value)?.count == 1 {
                log.seen.withLock { $0.handed += 1 }
                log.floor.time.move(.seconds(1))
            }
            return batch
        }

        func close() async { await reader.close() }
    }

    func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader {
        Reader(reader: try await log.reader(from: starts, options), log: self)
    }
}
