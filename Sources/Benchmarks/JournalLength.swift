import Core
import Foundation
import Journal

/// One million records and ten: opening and memory must not tell them apart.
enum JournalLength {
    static func run(into table: inout Table) async throws {
        try await warmUp()
        let scratch = try Scratch("length")
        var opening: [Duration] = []
        var memory: [Int] = []
        let path = "\(scratch.path)/journal"
        let journal = try await JournalAppend.opened(path)
        await journal.close()
        var written = 0
        for millions in [1, 10] {
            let longer = try await Journal.open(path)
            let writer = try await longer.writer(named: "bench")
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
            _ = try await JournalRead.all(opened, until: written)
            memory.append(residentKilobytes())
            await opened.close()
        }
        try scratch.remove()
        table.add(
            Row(
                name: "journal open, 10 million records beside 1 million",
                ours: milliseconds(opening[1]), floor: milliseconds(opening[0]),
                ratio: opening[1].seconds / opening[0].seconds,
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

    /// What the first million costs whoever comes first, the heap of every thread above all, is no journal's length.
    private static func warmUp() async throws {
        let scratch = try Scratch("warm")
        let journal = try await JournalAppend.opened("\(scratch.path)/journal")
        let writer = try await journal.writer(named: "bench")
        var events = Events(seed: 0)
        let append = Append(events.records(10_000, topic: JournalAppend.topic.name, partitions: 12))
        for _ in 0..<100 { try await writer.append(append) }
        _ = try await JournalRead.all(journal, until: 1_000_000)
        await journal.close()
        try scratch.remove()
    }

    private static func milliseconds(_ duration: Duration) -> String { "\(Row.short(duration.seconds * 1_000)) ms" }

    private static func residentKilobytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }
}
