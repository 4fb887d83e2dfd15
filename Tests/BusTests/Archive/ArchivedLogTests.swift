import Bus
import Core
import Digest
import TestSupport
import Testing

@Suite struct `An archive in front of the live log` {
    private let source = ArchiveGround.sources[0]

    private func stitched(_ ground: ArchiveGround, _ log: MemoryLog) async throws(LogError) -> ArchivedLog {
        try await ArchivedLog(ground.archive, inFrontOf: log, logID: "log-1")
    }

    @Test(arguments: [31, 32, 33] as [UInt64])
    func `reads as the whole log did before retention cut it`(seed: UInt64) async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 150, seed: seed)
        try await ground.export(log)
        try await ArchiveGround.fill(log, records: 50, seed: seed + 50)
        let whole = try await ArchiveGround.contents(of: log)
        for begin in [5, 30, 70] as [Int64] {
            log.forget(source, before: begin)
            let stitched = try await stitched(ground, log)
            #expect(try await ArchiveGround.contents(of: stitched) == whole, "seed \(seed), begin \(begin)")
        }
        let middle = try await ArchiveGround.contents(of: stitched(ground, log), [source], from: .offset(40))
        #expect(middle[source] == whole[source]?.filter { $0.position.offset >= 40 })
    }

    @Test func `a gap at the seam is an error that names it`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 60, seed: 34, holes: false)
        try await ground.export(log, spans: [.init(source, to: 10)])
        log.forget(source, before: 12)
        let refusal = await archiveRefusal { () async throws(LogError) in _ = try await stitched(ground, log) }
        #expect(refusal?.contains("offsets 10..<12 are neither in the archive nor in the log") == true)
    }

    @Test func `an overlap that differs is an error that names the record`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 60, seed: 35, holes: false)
        try await ground.export(log)
        let held = try #require(try await ArchiveGround.contents(of: log, [source])[source])
        log.truncate(source, to: 8)
        let forged = held.dropFirst(8).map { record in
            Record(
                position: record.position, timestamp: record.timestamp, key: record.key,
                value: record.position.offset == 11 ? [1] : record.value, headers: record.headers)
        }
        try await log.restore(forged, next: [:])
        log.forget(source, before: 4)
        let refusal = await archiveRefusal { () async throws(LogError) in
            _ = try await ArchiveGround.contents(of: stitched(ground, log), [source])
        }
        #expect(refusal?.contains("events/0/11 is not the record that was archived there") == true)
        log.compact(source, removing: [11])
        let missing = await archiveRefusal { () async throws(LogError) in
            _ = try await ArchiveGround.contents(of: stitched(ground, log), [source])
        }
        #expect(missing?.contains("events/0/1") == true)
    }

    @Test func `compaction may thin the log behind its archive`() async throws {
        let ground = try ArchiveGround()
        let log = MemoryLog()
        let quiet = TopicPartition("quiet", 0)
        try await log.create([TopicSpec(name: "quiet", partitions: 1, retentionMilliseconds: nil, cleanup: .compact)])
        let writer = try await log.writer(named: "w")
        for number in 0..<20 {
            try await writer.append(Append([NewRecord(topic: "quiet", partition: 0, value: [UInt8(number)])]))
        }
        try await ground.export(log, spans: [.init(quiet)])
        log.compact(quiet, removing: [3, 4, 19])
        let read = try await ArchiveGround.contents(of: stitched(ground, log), [quiet])
        #expect(read[quiet]?.count == 17)
        #expect(try await ground.export(log, spans: [.init(quiet)]).records == 0)
    }

    @Test func `a stored position in the archive is believed only while its anchor is there`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 60, seed: 36, holes: false)
        try await ground.export(log)
        log.forget(source, before: 12)
        let stitched = try await stitched(ground, log)
        let record = try #require(try await ArchiveGround.contents(of: stitched, [source])[source]?[5])
        for (hash, believed) in [(RecordHash.of(record), true), (7, false)] {
            let position = ConsumerPosition(
                consumer: "fold", source: source, next: 6,
                anchor: Anchor(offset: 5, timestamp: record.timestamp, hash: hash))
            let refusal = await archiveRefusal { () async throws(LogError) in
                await (try stitched.reader(from: [source: .after(position)], ReadOptions())).close()
            }
            #expect((refusal == nil) == believed)
        }
    }

    @Test func `the write side goes to the live log, and an archive alone is only read`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 10, seed: 37, holes: false)
        try await ground.export(log)
        let stitched = try await stitched(ground, log)
        let reader = try await stitched.reader(from: [source: .end], ReadOptions())
        let written = try await stitched.writer(named: "w").append(
            Append([NewRecord(topic: "events", partition: 0, value: [1])]))
        let batch = try await reader.next(waiting: .seconds(5))
        #expect(batch.count == 1 && batch.record(at: 0).position == written[0])
        let alone = try ArchivedLog(reading: ground.archive)
        await #expect(throws: LogError.self) { _ = try await alone.writer(named: "w") }
        let other = await archiveRefusal { () async throws(LogError) in
            _ = try await ArchivedLog(ground.archive, inFrontOf: log, logID: "log-2")
        }
        #expect(other?.contains("is an archive of log log-1") == true)
    }
}
