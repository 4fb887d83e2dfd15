import Core
import Threading

/// A writer is only a name and the epoch it was opened in.
struct MemoryWriter: EventWriter {
    let log: MemoryLog
    let name: String
    let epoch: Int

    func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
        try log.append(append, by: name, epoch: epoch)
    }

    func close() async {}
}

actor MemoryReader: EventReader {
    private let log: MemoryLog
    private let options: ReadOptions
    private var next: [TopicPartition: Int64]
    private var closed = false

    init(log: MemoryLog, next: [TopicPartition: Int64], options: ReadOptions) {
        self.log = log
        self.next = next
        self.options = options
    }

    func next(waiting limit: Duration) async throws(LogError) -> RecordBatch {
        let deadline = ContinuousClock.now + limit
        while true {
            guard !closed else { throw LogError(.read, .closed) }
            let seen = log.arrivals.count
            let batch = try advance()
            if !batch.isEmpty || !batch.next.isEmpty || ContinuousClock.now >= deadline { return batch }
            await log.arrivals.wait(after: seen, until: deadline)
        }
    }

    func close() async { closed = true }

    private func advance() throws(LogError) -> RecordBatch {
        let (found, ends) = try log.records(next, limit: options.maximumRecords)
        var kept: [Record] = []
        var bytes = 0
        var moved = ends
        for record in found {
            let size = (record.key?.count ?? 0) + (record.value?.count ?? 0)
            if !kept.isEmpty, bytes + size > options.maximumBytes {
                moved = RecordBatch.positionsAfter(kept)
                break
            }
            bytes += size
            kept.append(record)
        }
        moved = moved.filter { next[$0.key] != $0.value }
        next.merge(moved) { $1 }
        return RecordBatch(copying: kept, headers: options.headers, next: moved)
    }
}
