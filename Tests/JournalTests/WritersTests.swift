import Core
import Glibc
import TestSupport
import Testing

@testable import Journal

let one = TopicSpec(name: "t", partitions: 1, retentionMilliseconds: nil)
let lane = TopicPartition("t", 0)

@Suite struct `Writers of a journal` {
    @Test func `share the sync that many wait for`() async throws {
        let folder = TemporaryFolder()
        let disk = GatedDisk()
        let settings = JournalSettings.quiet
        let journal = try await Journal.open(folder.path, settings, on: disk)
        try await journal.create([one])
        let before = settings.statistics.syncs
        try await withThrowingTaskGroup { group in
            disk.shut(true)
            defer { disk.shut(false) }
            group.addTask { _ = try await journal.append(Append([event("t", 0, 0)])) }
            try await eventually("a sync at the gate") { disk.holdsOne }
            for number in 1..<64 {
                group.addTask { _ = try await journal.append(Append([event("t", 0, number)])) }
            }
            try await eventually("63 that wait") { journal.core.queue.submitted == 63 }
            disk.shut(false)
            try await group.waitForAll()
        }
        #expect(settings.statistics.syncs - before == 2)
        #expect(try journal.bounds(of: [lane])[lane]?.end == 64)
        await journal.close()
    }

    @Test func `leave no gap between offsets when many append at once, and keep the order of each`() async throws {
        let journal = try await Journal.open("/j", .quiet, on: ForgetfulDisk())
        try await journal.create([one])
        let offsets = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for writer in 0..<64 {
                group.addTask {
                    var offsets: [Int64] = []
                    for number in 0..<20 {
                        let places = try await journal.append(Append([event("t", 0, writer * 100 + number)]))
                        offsets += places.map(\.offset)
                    }
                    return offsets
                }
            }
            var all: [Int64] = []
            for try await some in group {
                // One caller's appends keep their order.
                #expect(some == some.sorted())
                all += some
            }
            return all
        }
        #expect(offsets.sorted() == Array(0..<1280))
        await journal.close()
    }

    @Test func `are let in again when the queue was full`() async throws {
        let folder = TemporaryFolder()
        var settings = JournalSettings.quiet
        settings.queuedAppends = 2
        settings.queuedBytes = 500
        let journal = try await Journal.open(folder.path, settings)
        try await journal.create([one])
        try await withThrowingTaskGroup { group in
            for number in 0..<50 {
                group.addTask { _ = try await journal.append(Append([event("t", 0, number, bytes: number * 30)])) }
            }
            try await group.waitForAll()
        }
        #expect(try journal.bounds(of: [lane])[lane]?.end == 50)
        await journal.close()
    }

    @Test func `are refused while another holds the journal, and are told who`() async throws {
        let folder = TemporaryFolder()
        let child = try CrashChild(folder.path, "hold")
        child.firstByte()
        let error = await #expect(throws: LogError.self) { try await Journal.open(folder.path, .quiet) }
        guard case .locked(let holder) = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(holder == "journal-crash-child, pid \(child.pid)")
        child.kill()
        _ = child.lines()
        let journal = try await Journal.open(folder.path, .quiet)
        await #expect(throws: LogError.self) { try await Journal.open(folder.path, .quiet) }
        await journal.close()
        await #expect(throws: LogError(.append, .closed)) { try await journal.append(Append([event("t", 0, 1)])) }
    }

    @Test func `of one name are fenced by the later`() async throws {
        let folder = TemporaryFolder()
        let journal = try await Journal.open(folder.path, .quiet)
        try await journal.create([one])
        let first = try await journal.writer(named: "router")
        let other = try await journal.writer(named: "feed")
        try await first.append(Append([event("t", 0, 0)]))
        let second = try await journal.writer(named: "router")
        await #expect(throws: LogError(.append, .fenced(writer: "router"))) {
            try await first.append(Append([event("t", 0, 1)]))
        }
        // An append of nothing asks whether one is still the writer.
        await #expect(throws: LogError(.append, .fenced(writer: "router"))) { try await first.append(Append([])) }
        #expect(try await second.append(Append([])).isEmpty)
        try await second.append(Append([event("t", 0, 2)]))
        try await other.append(Append([event("t", 0, 3)]))
        second.close()
        await #expect(throws: LogError(.append, .closed)) { try await second.append(Append([event("t", 0, 4)])) }
        #expect(try journal.bounds(of: [lane])[lane]?.end == 3)
        await journal.close()
    }

    @Test func `are refused by the name of the limit they break, and leave nothing behind`() async throws {
        let folder = TemporaryFolder()
        var settings = JournalSettings.quiet
        settings.maximumAppendPositions = 2
        settings.maximumPositions = 2
        settings.maximumTopics = 2
        settings.maximumPartitions = 4
        settings.maximumWriters = 1
        let journal = try await Journal.open(folder.path, settings)
        try await journal.create([one])
        func limit(_ body: () async throws -> Void) async -> String {
            do {
                try await body()
                return "none"
            } catch let error as LogError {
                if case .limitExceeded(let name, _, _) = error.reason { return name }
                return "\(error)"
            } catch { return "\(error)" }
        }
        func position(_ consumer: String) -> ConsumerPosition {
            ConsumerPosition(consumer: consumer, source: lane, next: 0, anchor: nil)
        }
        let huge = NewRecord(
            topic: "t", partition: 0, value: [UInt8](repeating: 1, count: LogLimits.maximumRecordBytes))
        let longName = Header(String(repeating: "n", count: 70_000), nil)
        #expect(await limit { try await journal.append(Append([huge, event("t", 0, 1)])) } == "none")
        var over = huge
        over.key = [1]
        let tooLong = NewRecord(topic: "t", partition: 0, value: [], headers: [longName])
        let limits: [(String, Append)] = [
            ("maximumRecordBytes", Append([event("t", 0, 1), over])),
            ("maximumAppendBytes", Append([NewRecord](repeating: huge, count: 17))),
            ("maximumNameBytes", Append([tooLong])),
            ("maximumAppendPositions", Append([], positions: ["a", "b", "c"].map(position))),
        ]
        for (name, append) in limits { #expect(await limit { try await journal.append(append) } == name) }
        try await journal.append(Append([], positions: ["a", "b"].map(position)))
        #expect(await limit { try await journal.append(Append([], positions: [position("c")])) } == "maximumPositions")
        #expect(await limit { try await journal.append(Append([], positions: [position("b")])) } == "none")
        let wide = TopicSpec(name: "w", partitions: 4, retentionMilliseconds: nil)
        #expect(await limit { try await journal.create([wide]) } == "maximumPartitions")
        let more = ["x", "y"].map { TopicSpec(name: $0, partitions: 1, retentionMilliseconds: nil) }
        #expect(await limit { try await journal.create(more) } == "maximumTopics")
        _ = try await journal.writer(named: "a")
        #expect(await limit { _ = try await journal.writer(named: "b") } == "maximumWriters")
        #expect(try journal.bounds(of: [lane])[lane]?.end == 2)
        await journal.close()
    }
}

@Suite struct `Topics of a journal` {
    @Test func `must exist, and are another topic when they are created again`() async throws {
        let folder = TemporaryFolder()
        var journal = try await Journal.open(folder.path, .quiet)
        await #expect(throws: LogError(.append, .unknownTopic("t"))) {
            try await journal.append(Append([event("t", 0, 1)]))
        }
        try await journal.create([one])
        await #expect(throws: LogError(.append, .unknownPartition(TopicPartition("t", 1)))) {
            try await journal.append(Append([event("t", 0, 1), event("t", 1, 2)]))
        }
        let kept = ConsumerPosition(
            consumer: "c", source: lane, next: 1, anchor: Anchor(offset: 0, timestamp: 5, hash: 9))
        try await journal.append(Append([event("t", 0, 1)], positions: [kept]))
        let identity = journal.describe().first?.identity
        try await journal.adjust(
            TopicSpec(name: "t", partitions: 3, retentionMilliseconds: 1000, cleanup: .compactAndDelete))
        await #expect(throws: LogError.self) { try await journal.adjust(one) }
        await journal.close()
        journal = try await Journal.open(folder.path, .quiet)
        let described = try #require(journal.describe().first)
        #expect(described.partitions == 3 && described.identity == identity)
        #expect(
            described.settings["retention.ms"] == "1000" && described.settings["cleanup.policy"] == "compact,delete")
        #expect(try journal.positions(of: "c", in: [lane]) == [lane: kept])
        #expect(try await JournalView.take(folder.path).positions(of: "c", in: [lane]) == [lane: kept])
        #expect(try await journal.record(at: RecordPosition(lane, 0))?.value == event("t", 0, 1).value)
        let reader = try await journal.reader(from: [lane: .end])
        try await journal.delete("t")
        try await journal.create([one])
        #expect(journal.describe().first?.identity != identity)
        #expect(try await journal.append(Append([event("t", 0, 7)])).first?.offset == 0)
        #expect(try journal.positions(of: "c", in: [lane]).isEmpty)
        await #expect(throws: LogError(.read, .unknownTopic("t"))) { try await reader.next(waiting: .zero) }
        #expect(try await journal.reader(from: [lane: .beginning]).all().map(\.value) == [event("t", 0, 7).value])
        #expect(
            journal.stats() == [
                PartitionStats(source: lane, begin: 0, end: 1, records: 1, bytes: journal.stats()[0].bytes)
            ])
        await journal.close()
    }

    @Test func `give back the space of what they need not keep, and nothing else`() async throws {
        let folder = TemporaryFolder()
        var settings = JournalSettings.quiet
        settings.segmentBytes = 20_000
        var journal = try await Journal.open(folder.path, settings)
        let short = TopicPartition("short", 0)
        try await journal.create([
            TopicSpec(name: "short", partitions: 1, retentionMilliseconds: 1000), one,
        ])
        var kept: [NewRecord] = []
        for number in 0..<300 {
            var record = event("short", 0, number, bytes: 900)
            record.timestamp = Int64(number)
            kept.append(event("t", 0, number))
            try await journal.append(Append([record] + (number > 100 ? [kept[number]] : [])))
            if number <= 100 { try await journal.append(Append([kept[number]])) }
        }
        let late = try await journal.reader(from: [short: .offset(10)])
        let before = try JournalImage(of: folder.path).files.values.reduce(0) { $0 + $1.count }
        let report = try await journal.applyRetention(now: 1250)
        let begin = try #require(try journal.bounds(of: [short])[short]?.begin)
        #expect(begin == 250)
        #expect(report.moved == [short: 250] && report.rewrittenSegments > 3 && report.freedBytes > 100_000)
        let after = try JournalImage(of: folder.path).files.values.reduce(0) { $0 + $1.count }
        #expect(Int64(before - after) > 100_000)
        await #expect(throws: LogError.self) { try await late.all() }
        await #expect(throws: LogError(.read, .positionOutOfRange(short, asked: 249, Bounds(begin: 250, end: 300)))) {
            _ = try await journal.reader(from: [short: .offset(249)])
        }
        for _ in 0..<2 {
            let records = try await journal.reader(from: [short: .beginning, lane: .beginning]).all()
            let left = records.filter { $0.position.source == lane }
            #expect(left.map(\.position.offset) == Array(0..<300))
            #expect(zip(left, kept).allSatisfy { matches($0, $1) })
            #expect(records.filter { $0.position.source == short }.map(\.position.offset) == Array(250..<300))
            #expect(try JournalCheck.verify(folder.path).damage.isEmpty)
            await journal.close()
            journal = try await Journal.open(folder.path, settings)
        }
        #expect(journal.stats().first { $0.source == short }?.records == 50)
        try await journal.keep(atMost: 3000, of: "short")
        try await journal.delete("t")
        let second = try await journal.applyRetention(now: 1250)
        #expect(second.deletedSegments > 3)
        #expect((journal.stats().first { $0.source == short }?.bytes ?? .max) <= 3000)
        await journal.close()
        journal = try await Journal.open(folder.path, settings)
        #expect(try JournalCheck.verify(folder.path).damage.isEmpty)
        await journal.close()
    }

    @Test func `what an older writer had under way is there, or refused, once the next one is open`() async throws {
        let folder = TemporaryFolder()
        let journal = try await Journal.open(folder.path, .quiet)
        try await journal.create([TopicSpec(name: "t", partitions: 1, retentionMilliseconds: nil)])
        let lane = TopicPartition("t", 0)
        for round in 0..<500 {
            let older = try await journal.writer(named: "deriver")
            async let late = outcome(of: older, round)
            // At another moment of the older one's append in each round.
            for _ in 0..<round % 50 { await Task.yield() }
            _ = try await journal.writer(named: "deriver")
            let end = try journal.bounds(of: [lane])[lane]?.end ?? 0
            if let written = await late { #expect(written < end, "round \(round)") }
        }
        await journal.close()
    }

    /// The offset of one record, or `nil` when its writer was fenced.
    private func outcome(of writer: JournalWriter, _ round: Int) async -> Int64? {
        do { return try await writer.append(Append([event("t", 0, round)])).first?.offset } catch { return nil }
    }

    @Test func `a topic is not adjusted to more partitions than there may be, nor to keep less than nothing`()
        async throws
    {
        let folder = TemporaryFolder()
        let journal = try await Journal.open(folder.path, .quiet)
        try await journal.create([TopicSpec(name: "t", partitions: 1, retentionMilliseconds: nil)])
        for (partitions, retention) in [(2_000_000, nil), (1, -1), (1, Int64.min)] as [(Int32, Int64?)] {
            let spec = TopicSpec(name: "t", partitions: partitions, retentionMilliseconds: retention)
            await #expect(throws: LogError.self) { try await journal.adjust(spec) }
        }
        await #expect(throws: LogError.self) { try await journal.keep(atMost: -1, of: "t") }
        try await journal.append(Append([event("t", 0, 1)]))
        await journal.close()
    }

    @Test func `appends of nothing but positions are merged only as far as a batch may grow`() async throws {
        let folder = TemporaryFolder(inMemory: true)
        let journal = try await Journal.open(folder.path, .quiet)
        try await journal.create([TopicSpec(name: "t", partitions: 1, retentionMilliseconds: nil)])
        let lane = TopicPartition("t", 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<30 {
                let name = String(repeating: "\(caller % 10)", count: 240) + "-\(caller)-"
                let positions = (0..<3_000).map {
                    ConsumerPosition(consumer: "\(name)\($0)", source: lane, next: 0, anchor: nil)
                }
                group.addTask { _ = try await journal.append(Append([], positions: positions)) }
            }
            try await group.waitForAll()
        }
        await journal.close()
        #expect(try JournalCheck.verify(folder.path).damage.isEmpty)
    }
}
