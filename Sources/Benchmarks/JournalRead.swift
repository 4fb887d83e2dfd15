import Core
import Glibc
import Journal

/// Reading a journal, beside decompressing and checking blocks of the same records.
enum JournalRead {
    static func run(into table: inout Table) async throws {
        let scratch = try Scratch("read")
        let batches = 500
        var events = Events(seed: 3)
        let appends = (0..<batches).map { _ in
            Append(events.records(JournalAppend.batch, topic: JournalAppend.topic.name, partitions: 12))
        }
        let journal = try await JournalAppend.opened("\(scratch.path)/journal")
        let writer = try await journal.writer(named: "bench")
        for append in appends { try await writer.append(append) }
        let packed = appends.map { Floors.compress(Floors.block(of: $0.records), acceleration: 4) }
        let raw = appends.map { Floors.block(of: $0.records).count }
        let count = batches * JournalAppend.batch
        // Both sides read; nothing is written meanwhile.
        sync()
        let contest = try await Contest(rounds: 31) {
            let start = ContinuousClock.now
            let read = try await all(journal, until: count)
            precondition(read > 0, "nothing was read")
            return ContinuousClock.now - start
        } floor: {
            var sum: UInt64 = 0
            let start = ContinuousClock.now
            for (block, size) in zip(packed, raw) {
                sum ^= Floors.checksum(block)
                var target = Floors.uninitialized(size)
                Floors.decompress(block, into: &target)
            }
            let time = ContinuousClock.now - start
            precondition(sum != 0, "the checksums were not taken")
            return time
        }
        await journal.close()
        try scratch.remove()
        table.add(
            Row(
                name: "journal read, every record touched, beside LZ4 decompression + XXH3 of the same blocks",
                ours: Row.perSecond(count, contest.ours), floor: Row.perSecond(count, contest.floor),
                ratio: contest.ratio, target: .atMost(1.5)))
    }

    /// Touches the length of every value, so that nothing can be skipped.
    static func all(_ journal: Journal, until count: Int) async throws -> Int {
        let starts = (0..<12).map { (TopicPartition(JournalAppend.topic.name, Int32($0)), ReadStart.beginning) }
        let reader = try await journal.reader(
            from: Dictionary(uniqueKeysWithValues: starts), ReadOptions(headers: false))
        var (read, bytes) = (0, 0)
        while read < count {
            let batch = try await reader.next(waiting: .seconds(10))
            precondition(!batch.isEmpty, "the journal ended at \(read) of \(count)")
            for entry in batch.entries { bytes += batch.bytes(of: entry.value)?.byteCount ?? 0 }
            read += batch.count
        }
        await reader.close()
        return bytes
    }
}
