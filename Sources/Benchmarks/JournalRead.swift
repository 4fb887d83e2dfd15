import Core
import Foundation
import Journal

/// Reading a journal, beside decompressing and checking blocks of the same records; and what length does to it.
enum JournalRead {
    static func run(into table: inout Table) async throws {
        try await speed(into: &table)
        try await length(into: &table)
    }

    private static func speed(into table: inout Table) async throws {
        let scratch = try Scratch("read")
        let batches = 500
        var events = Events(seed: 3)
        let appends = (0..<batches).map { _ in
            Append(events.records(JournalAppend.batch, topic: JournalAppend.topic.name, partitions: 12))
        }
        let journal = try await JournalAppend.opened("\(scratch.path)/journal")
        let writer = try journal.writer(named: "bench")
        for append in appends { try await writer.append(append) }
        let packed = appends.map { Floors.compress(Floors.block(of: $0.records)) }
        let raw = appends.map { Floors.block(of: $0.records).count }
        let count = batches * JournalAppend.batch
        let contest = try await Contest(rounds: 7) {
            let start = ContinuousClock.now
            let read = try await readAll(journal, until: count)
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

    /// One million records and ten: opening and memory must not tell them apart.
    private static func length(into table: inout Table) async throws {
        let scratch = try Scratch("length")
        var opening: [Duration] = []
        var memory: [Int] = []
        let path = "\(scratch.path)/journal"
        let journal = try await JournalAppend.opened(path)
        await journal.close()
        var written = 0
        for millions in [1, 10] {
            let longer = try await Journal.open(path)
            let writer = try longer.writer(named: "bench")
            var events = Events(seed: UInt64(millions))
            let append = Append(events.records(10_000, topic: JournalAppend.topic.name, partitions: 12))
            while written < millions * 1_000_000 {
                try await writer.append(append)
                written += append.records.count
            }
            await longer.close()
            let start = ContinuousClock.now
            let opened = try await Journal.open(path)
            opening.append(ContinuousClock.now - start)
            _ = try await readAll(opened, until: written)
            memory.append(residentKilobytes())
            await opened.close()
        }
        try scratch.remove()
        table.add(
            Row(
                name: "journal open, 10 million records beside 1 million",
                ours: milliseconds(opening[1]), floor: milliseconds(opening[0]), ratio: opening[1].seconds / opening[0].seconds,
                target: .none))
        table.add(
            Row(
                name: "journal open, 10 million records, beside one second", ours: milliseconds(opening[1]),
                floor: "1,000.00 ms", ratio: opening[1].seconds, target: .atMost(1)))
        table.add(
            Row(
                name: "resident memory after reading 10 million records beside 1 million",
                ours: "\(Row.grouped(memory[1])) KiB", floor: "\(Row.grouped(memory[0])) KiB",
                ratio: Double(memory[1]) / Double(memory[0]), target: .atMost(1.3)))
    }

    /// Touches the length of every value, so that nothing can be skipped.
    private static func readAll(_ journal: Journal, until count: Int) async throws -> Int {
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

    private static func milliseconds(_ duration: Duration) -> String { "\(Row.short(duration.seconds * 1_000)) ms" }

    private static func residentKilobytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }
}
