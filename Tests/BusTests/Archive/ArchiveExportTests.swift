import Bus
import Core
import Foundation
import TestSupport
import Testing

@Suite struct `Exporting to an archive` {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `what was exported reads back as it was, in one run or in several`(seed: UInt64) async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 120, seed: seed)
        try await ground.export(log)
        try await ArchiveGround.fill(log, records: 60, seed: seed + 100)
        let second = try await ground.export(log)
        #expect(second.records == 60, "seed \(seed)")
        #expect(try await ground.export(log).records == 0)
        let alone = try ArchivedLog(reading: ground.archive)
        #expect(try await ArchiveGround.contents(of: alone) == ArchiveGround.contents(of: log), "seed \(seed)")
        let archive = try Archive(opening: ground.archive)
        #expect(archive.manifest.files.count > 4)
        #expect(archive.manifest.records == 180)
        #expect(archive.manifest.lost.isEmpty)
        try archive.verify()
    }

    @Test func `a range is exported from its first offset to before its last`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 40, seed: 4, holes: false)
        let source = ArchiveGround.sources[0]
        try await ground.export(log, spans: [.init(source, from: 3, to: 9)])
        let manifest = try Archive(opening: ground.archive).manifest
        #expect(manifest.ranges.map(\.from) == [3] && manifest.ranges.map(\.to) == [9])
        #expect(manifest.files.map(\.firstOffset) == [3] && manifest.files.map(\.lastOffset) == [8])
        let refusal = await archiveRefusal { () async throws(LogError) in
            try await ground.export(log, spans: [.init(source, from: 11)])
        }
        #expect(refusal?.contains("would leave a gap") == true)
    }

    @Test func `the same records give the same bytes`() async throws {
        let first = try ArchiveGround()
        let second = try ArchiveGround()
        try await first.export(ArchiveGround.log(records: 50, seed: 5))
        try await second.export(ArchiveGround.log(records: 50, seed: 5))
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: first.archive + "/manifest.json"))
                == Data(contentsOf: URL(fileURLWithPath: second.archive + "/manifest.json")))
    }

    @Test func `what retention took before it was archived is named and does not stop the rest`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 60, seed: 6, holes: false)
        let source = ArchiveGround.sources[0]
        try await ground.export(log, spans: [.init(source, to: 5)])
        log.forget(source, before: 9)
        let outcome = try await ground.export(log)
        #expect(outcome.lost.map { [$0.from, $0.to] } == [[5, 9]])
        #expect(outcome.lost.first?.source == source)
        let again = try await ground.export(log)
        #expect(again.lost.isEmpty)
        #expect(try Archive(opening: ground.archive).manifest.lost.count == 1)
        let refusal = await archiveRefusal { () async throws(LogError) in
            let alone = try ArchivedLog(reading: ground.archive)
            _ = try await ArchiveGround.contents(of: alone, [source])
        }
        #expect(refusal?.contains("gap: offsets 5..<9") == true)
    }

    @Test func `it does not go on with another log, a topic made again, or another record at its end`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 30, seed: 7, holes: false)
        try await ground.export(log)
        let other = await archiveRefusal { () async throws(LogError) in
            _ = try ArchiveExport(of: log, logID: "log-2", into: ground.archive)
        }
        #expect(other?.contains("is an archive of log log-1") == true)
        let twin = try await ArchiveGround.log(records: 40, seed: 8, holes: false)
        let changed = await archiveRefusal { () async throws(LogError) in try await ground.export(twin) }
        #expect(changed?.contains("is not the record") == true)
        try await log.delete("quiet")
        try await log.create([TopicSpec(name: "quiet", partitions: 1, retentionMilliseconds: nil)])
        let again = await archiveRefusal { () async throws(LogError) in try await ground.export(log) }
        #expect(again?.contains("created again") == true)
    }

    @Test func `what an interrupted export left is written anew, and no manifest names it`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 30, seed: 9, holes: false)
        try FileManager.default.createDirectory(
            atPath: ground.archive + "/events/0", withIntermediateDirectories: true)
        for name in ["0000000000000000000.lz4.part", "0000000000000000000.lz4"] {
            try Data("half".utf8).write(to: URL(fileURLWithPath: "\(ground.archive)/events/0/\(name)"))
        }
        try await ground.export(log)
        try Archive(opening: ground.archive).verify()
        let alone = try ArchivedLog(reading: ground.archive)
        #expect(try await ArchiveGround.contents(of: alone) == ArchiveGround.contents(of: log))
    }

    @Test func `two exports at once are refused`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 1, seed: 10)
        let first = try ArchiveExport(of: log, logID: "log-1", into: ground.archive)
        let refusal = await archiveRefusal { () async throws(LogError) in
            _ = try ArchiveExport(of: log, logID: "log-1", into: ground.archive)
        }
        #expect(refusal?.contains("locked") == true)
        _ = try await first.run([])
    }

    @Test func `a flipped bit anywhere in a small archive is found and its file is named`() async throws {
        let ground = try ArchiveGround()
        try await ground.export(ArchiveGround.log(records: 12, seed: 11))
        let names = ["manifest.json"] + (try Archive(opening: ground.archive).manifest.files.map(\.path))
        for name in names {
            let path = "\(ground.archive)/\(name)"
            for byte in 0..<(try Data(contentsOf: URL(fileURLWithPath: path)).count) {
                try ground.flip(byte: byte, of: path)
                let refusal = await archiveRefusal { () async throws(LogError) in
                    try Archive(opening: ground.archive).verify()
                }
                #expect(refusal?.contains(name) == true, "byte \(byte) of \(name): \(refusal ?? "not found")")
                try ground.flip(byte: byte, of: path)
            }
        }
    }
}
