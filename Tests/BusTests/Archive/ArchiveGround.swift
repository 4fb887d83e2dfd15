import Bus
import Core
import Foundation
import TestSupport
import Testing

/// A folder of its own for one test, removed when the test lets go of it.
final class ArchiveGround: Sendable {
    let folder: String
    static let events = "events"

    init() throws {
        folder = NSTemporaryDirectory() + "torghut-archive-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("cannot remove \(folder)") }
    }

    var archive: String { folder + "/archive" }

    /// A twin with random records in two partitions: null and empty fields, bytes of every kind, repeated headers.
    static func log(records: Int, seed: UInt64, holes: Bool = true) async throws -> MemoryLog {
        let log = MemoryLog(holes: holes)
        try await log.create([
            TopicSpec(name: events, partitions: 2, retentionMilliseconds: 604_800_000),
            TopicSpec(name: "quiet", partitions: 1, retentionMilliseconds: nil, cleanup: .compactAndDelete),
        ])
        try await fill(log, records: records, seed: seed)
        return log
    }

    static func fill(_ log: MemoryLog, records: Int, seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let writer = try await log.writer(named: "filler")
        for _ in 0..<records {
            let record = NewRecord(
                topic: events, partition: Int32.random(in: 0...1, using: &random), key: bytes(upTo: 12, &random),
                value: bytes(upTo: 300, &random),
                headers: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    Header(["a", "ü", ""].randomElement(using: &random) ?? "", bytes(upTo: 5, &random))
                }, timestamp: Int64.random(in: 0...9_999_999, using: &random))
            try await writer.append(Append([record]))
        }
    }

    private static func bytes(upTo count: Int, _ random: inout SplitMix64) -> [UInt8]? {
        guard Int.random(in: 0...9, using: &random) > 0 else { return nil }
        return (0..<Int.random(in: 0...count, using: &random)).map { _ in
            UInt8.random(in: .min ... .max, using: &random)
        }
    }

    static let sources = [TopicPartition(events, 0), TopicPartition(events, 1), TopicPartition("quiet", 0)]

    @discardableResult
    func export(
        _ log: any EventLog, fileBytes: Int64 = 4_000, spans: [ArchiveExport.Span]? = nil
    ) async throws(LogError) -> ArchiveExport.Outcome {
        let export = try ArchiveExport(of: log, logID: "log-1", into: archive, fileBytes: fileBytes)
        return try await export.run(spans ?? Self.sources.map { ArchiveExport.Span($0) })
    }

    /// Everything a log holds of these partitions, in order.
    static func contents(
        of log: any EventLog, _ sources: [TopicPartition] = sources, from start: ReadStart = .beginning,
        options: ReadOptions = ReadOptions(maximumRecords: 7)
    ) async throws(LogError) -> [TopicPartition: [Record]] {
        var contents: [TopicPartition: [Record]] = [:]
        for source in sources {
            let end = try await log.bounds(of: [source])[source]?.end ?? 0
            let reader = try await log.reader(from: [source: start], options)
            var next: Int64 = try await log.bounds(of: [source])[source]?.begin ?? 0
            if case .offset(let offset) = start { next = offset }
            while next < end {
                let batch = try await reader.next(waiting: .seconds(5))
                for index in 0..<batch.count { contents[source, default: []].append(batch.record(at: index)) }
                guard let reached = batch.next[source] else { break }
                next = reached
            }
            await reader.close()
        }
        return contents
    }

    func flip(byte: Int, of path: String) throws {
        let url = URL(fileURLWithPath: path)
        var data = try Data(contentsOf: url)
        data[byte] ^= 0x10
        try data.write(to: url)
    }
}

/// The reason a body was refused for, or `nil` when it was not.
func archiveRefusal(_ body: () async throws(LogError) -> Void) async -> String? {
    do throws(LogError) {
        try await body()
        return nil
    } catch {
        return error.description
    }
}
