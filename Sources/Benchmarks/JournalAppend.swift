import Core
import Journal

/// Durable appends to the journal, beside writing and syncing the same bytes with nothing around them.
enum JournalAppend {
    static let batch = 1_000
    static let batches = 200
    static let topic = TopicSpec(name: "bench", partitions: 12, retentionMilliseconds: nil)

    static func run(into table: inout Table) async throws {
        var events = Events(seed: 1)
        let appends = (0..<batches).map { _ in Append(events.records(batch, topic: topic.name, partitions: 12)) }
        try await inFlight(4, appends, into: &table)
        try await serial(appends, into: &table)
        try await singles(64, into: &table)
    }

    /// Four batches on their way at once: compressing the next hides behind the sync of the last.
    private static func inFlight(_ width: Int, _ appends: [Append], into table: inout Table) async throws {
        let scratch = try Scratch("flight")
        var size = 0
        var round = 0
        let contest = try await Contest {
            round += 1
            let name = "journal-\(round)"
            let journal = try await opened("\(scratch.path)/\(name)")
            let writer = try await journal.writer(named: "bench")
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, append) in appends.enumerated() {
                    if index >= width { try await group.next() }
                    group.addTask { _ = try await writer.append(append) }
                }
                try await group.waitForAll()
            }
            let time = ContinuousClock.now - start
            await journal.close()
            size = try scratch.segmentBytes(name) / appends.count
            return time
        } floor: {
            // The first round learns the size of the pieces from the journal's own, so measure it beforehand.
            if size == 0 { size = Floors.compress(Floors.block(of: appends[0].records)).count }
            let piece = Floors.noise(size)
            let file = BareFile(in: scratch.path)
            let start = ContinuousClock.now
            for _ in appends {
                file.write(piece)
                file.sync()
            }
            return ContinuousClock.now - start
        }
        try scratch.remove()
        let count = appends.count * batch
        table.add(
            Row(
                name:
                    "journal append, \(width) batches of \(batch) in flight, beside write + fdatasync of the same bytes",
                ours: Row.perSecond(count, contest.ours), floor: Row.perSecond(count, contest.floor),
                ratio: contest.ratio, target: .atMost(1.3)))
    }

    private static func serial(_ appends: [Append], into table: inout Table) async throws {
        let scratch = try Scratch("serial")
        var round = 0
        let blocks = appends.map { Floors.block(of: $0.records) }
        let contest = try await Contest {
            round += 1
            let journal = try await opened("\(scratch.path)/journal-\(round)")
            let writer = try await journal.writer(named: "bench")
            let start = ContinuousClock.now
            for append in appends { try await writer.append(append) }
            let time = ContinuousClock.now - start
            await journal.close()
            return time
        } floor: {
            let file = BareFile(in: scratch.path)
            var sum: UInt64 = 0
            let start = ContinuousClock.now
            for block in blocks {
                let packed = Floors.compress(block)
                sum ^= Floors.checksum(packed)
                file.write(packed)
                file.sync()
            }
            let time = ContinuousClock.now - start
            precondition(sum != 0, "the checksums were not taken")
            return time
        }
        try scratch.remove()
        let count = appends.count * batch
        table.add(
            Row(
                name: "journal append, batches of \(batch) one by one, beside LZ4 + XXH3 + write + fdatasync",
                ours: Row.perSecond(count, contest.ours), floor: Row.perSecond(count, contest.floor),
                ratio: contest.ratio, target: .atMost(1.3)))
    }

    /// Many callers with one event each share their syncs.
    private static func singles(_ width: Int, into table: inout Table) async throws {
        let scratch = try Scratch("singles")
        var events = Events(seed: 2)
        let each = 200
        let records = events.records(width * each, topic: topic.name, partitions: 12)
        var round = 0
        let contest = try await Contest {
            round += 1
            let journal = try await opened("\(scratch.path)/journal-\(round)")
            let writer = try await journal.writer(named: "bench")
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<width {
                    group.addTask {
                        for number in 0..<each { try await writer.append(Append([records[caller * each + number]])) }
                    }
                }
                try await group.waitForAll()
            }
            let time = ContinuousClock.now - start
            await journal.close()
            return time / (width * each)
        } floor: {
            let file = BareFile(in: scratch.path)
            let start = ContinuousClock.now
            for record in records.prefix(1_000) {
                file.write(record.value ?? [])
                file.sync()
            }
            return (ContinuousClock.now - start) / 1_000
        }
        try scratch.remove()
        table.add(
            Row(
                name: "journal append, \(width) callers with one event each, beside one fdatasync per event",
                ours: Row.perSecond(1, contest.ours), floor: Row.perSecond(1, contest.floor),
                ratio: 1 / contest.ratio, target: .atLeast(8)))
    }

    static func opened(_ path: String) async throws -> Journal {
        let journal = try await Journal.open(path)
        try await journal.create([topic])
        return journal
    }
}
