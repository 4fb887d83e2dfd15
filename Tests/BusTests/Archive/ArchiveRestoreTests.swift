import Bus
import Core
import Digest
import Foundation
import TestSupport
import Testing

@Suite struct `Restoring an archive` {
    @Test(arguments: [21, 22, 23] as [UInt64])
    func `an engine that keeps offsets gets the log as it was, with its holes and its begin`(seed: UInt64) async throws
    {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 100, seed: seed)
        log.forget(ArchiveGround.sources[1], before: 15)
        try await ground.export(log)
        let copy = MemoryLog()
        let outcome = try await ArchiveRestore(of: ground.archive, into: copy).run()
        #expect(outcome.map == nil)
        #expect(
            try await copy.bounds(of: ArchiveGround.sources) == log.bounds(of: ArchiveGround.sources), "seed \(seed)")
        #expect(try await ArchiveGround.contents(of: copy) == ArchiveGround.contents(of: log), "seed \(seed)")
        #expect(try await copy.describe().map(\.settings) == log.describe().map(\.settings))
    }

    @Test func `a restore that was cut off goes on, and one that is complete does nothing`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 100, seed: 24)
        let source = ArchiveGround.sources[0]
        try await ground.export(log)
        let copy = MemoryLog()
        let held = try #require(try await ArchiveGround.contents(of: log, [source])[source])
        try await copy.create([TopicSpec(name: "events", partitions: 2, retentionMilliseconds: 604_800_000)])
        try await copy.restore(Array(held.prefix(20)), next: [:])
        let outcome = try await ArchiveRestore(of: ground.archive, into: copy).run()
        #expect(outcome.records < 100)
        #expect(try await ArchiveGround.contents(of: copy) == ArchiveGround.contents(of: log))
        let again = try await ArchiveRestore(of: ground.archive, into: copy).run()
        #expect(again.records == 0 && again.alreadyThere == 100)
    }

    @Test func `a target with other records is refused before anything is appended`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 50, seed: 25)
        try await ground.export(log)
        for (renumbering, said) in [(false, "other records"), (true, "holds records already")] {
            let other = try await ArchiveGround.log(records: 4, seed: 26)
            let before = try await ArchiveGround.contents(of: other)
            let target: any EventLog = renumbering ? RenumberingLog(other) : other
            let refusal = await archiveRefusal { () async throws(LogError) in
                _ = try await ArchiveRestore(of: ground.archive, into: target).run()
            }
            #expect(refusal?.contains(said) == true, "\(refusal ?? "taken")")
            #expect(try await ArchiveGround.contents(of: other) == before)
        }
        let narrow = MemoryLog()
        try await narrow.create([TopicSpec(name: "events", partitions: 3, retentionMilliseconds: nil)])
        let refusal = await archiveRefusal { () async throws(LogError) in
            _ = try await ArchiveRestore(of: ground.archive, into: narrow).run()
        }
        #expect(refusal?.contains("has 3 partitions here and 2") == true)
    }

    @Test func `an engine that renumbers gets a new identity and a map, and old checkpoints are refused`() async throws
    {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 80, seed: 27)
        let source = ArchiveGround.sources[0]
        try await ground.export(log)
        let copy = MemoryLog(holes: true)
        let outcome = try await ArchiveRestore(of: ground.archive, into: RenumberingLog(copy)).run()
        // Its records are of 1970 and kept for a week; "quiet" is kept for ever.
        #expect(outcome.expiring == [ArchiveGround.events])
        let map = try #require(outcome.map)
        #expect(try RestoreMap(reading: #require(outcome.mapPath)) == map)
        let manifest = try Archive(opening: ground.archive).manifest
        #expect(manifest.restored.map(\.logID) == [map.newLogID] && manifest.logID == map.oldLogID)
        let old = try #require(try await ArchiveGround.contents(of: log, [source])[source])
        let new = try #require(try await ArchiveGround.contents(of: copy, [source])[source])
        #expect(old.map(\.value) == new.map(\.value) && old.map(\.headers) == new.map(\.headers))
        #expect(old.map(\.timestamp) == new.map(\.timestamp))
        #expect(old.map { map.position(of: $0.position) } == new.map(\.position))
        let last = try #require(old.last)
        let checkpoint = ConsumerPosition(
            consumer: "fold", source: source, next: last.position.offset + 1,
            anchor: Anchor(offset: last.position.offset, timestamp: last.timestamp, hash: RecordHash.of(last)))
        #expect(throws: LogError.self) { try map.admit(checkpoint, madeOn: map.oldLogID) }
        try map.admit(checkpoint, madeOn: map.newLogID)
        await #expect(throws: LogError.self) {
            _ = try await copy.reader(from: [source: .after(checkpoint)], ReadOptions())
        }
    }

    @Test func `an engine that renumbers gets nothing of an archive with a time it cannot keep`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 40, seed: 30)
        let early = NewRecord(topic: "quiet", partition: 0, value: [1], timestamp: 0)
        let written = try await log.writer(named: "early").append(Append([early]))
        try await ground.export(log)
        let copy = MemoryLog()
        let refusal = await archiveRefusal { () async throws(LogError) in
            _ = try await ArchiveRestore(of: ground.archive, into: RenumberingLog(copy)).run()
        }
        #expect(try refusal?.contains("\(#require(written.first)) has the timestamp 0") == true)
        for source in ArchiveGround.sources { #expect(try await copy.bounds(of: [source])[source]?.end == 0) }
    }

    @Test func `nothing is restored from an archive with a damaged file`() async throws {
        let ground = try ArchiveGround()
        try await ground.export(ArchiveGround.log(records: 50, seed: 28))
        let last = try #require(try Archive(opening: ground.archive).manifest.files.last)
        try ground.flip(byte: Int(last.bytes) - 3, of: "\(ground.archive)/\(last.path)")
        let copy = MemoryLog()
        let refusal = await archiveRefusal { () async throws(LogError) in
            _ = try await ArchiveRestore(of: ground.archive, into: copy).run()
        }
        #expect(refusal?.contains(last.path) == true && refusal?.contains("SHA-256") == true)
        #expect(try await copy.describe().isEmpty)
        try FileManager.default.removeItem(atPath: "\(ground.archive)/\(last.path)")
        let missing = await archiveRefusal { () async throws(LogError) in
            _ = try await ArchiveRestore(of: ground.archive, into: copy).run()
        }
        #expect(missing?.contains("it is missing") == true)
    }

    @Test func `a topic can be restored alone, and one that is not archived is refused`() async throws {
        let ground = try ArchiveGround()
        try await ground.export(ArchiveGround.log(records: 20, seed: 29))
        let copy = MemoryLog()
        _ = try await ArchiveRestore(of: ground.archive, into: copy).run(topics: ["quiet"])
        #expect(try await copy.describe().map(\.name) == ["quiet"])
        let refusal = await archiveRefusal { () async throws(LogError) in
            _ = try await ArchiveRestore(of: ground.archive, into: copy).run(topics: ["nothing"])
        }
        #expect(refusal?.contains("no topic 'nothing'") == true)
    }
}
