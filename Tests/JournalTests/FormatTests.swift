import Core
import TestSupport
import Testing

@testable import Journal

/// What was handed to a journal, kept beside it.
private struct Ledger {
    struct Lane {
        var begin: Int64 = 0
        var next: Int64 = 0
        var records = 0
        var bytes = 0
        var kept: [(offset: Int64, record: NewRecord)] = []
    }

    var lanes: [TopicPartition: Lane] = [:]
    var positions: [String: String] = [:]

    mutating func note(_ record: NewRecord, at position: RecordPosition) {
        var lane = lanes[position.source, default: Lane()]
        lane.next = position.offset + 1
        lane.records += 1
        lane.bytes += ForeignReader.bytes(of: record)
        lane.kept.append((position.offset, record))
        lanes[position.source] = lane
    }

    mutating func note(_ position: ConsumerPosition) {
        let anchor = position.anchor.map { "\($0.offset),\($0.timestamp),\($0.hash)" } ?? "-"
        let place = "\(position.source.topic)\t\(position.source.partition)"
        positions["\(position.consumer)\t\(place)"] = "\(position.next)\t\(anchor)"
    }

    mutating func delete(_ topic: String) {
        lanes = lanes.filter { $0.key.topic != topic }
        positions = positions.filter { !$0.key.contains("\t\(topic)\t") }
    }

    func lines(_ topics: [String]) -> [String] {
        var lines = topics
        for (source, lane) in lanes {
            let numbers = "\(lane.begin)\t\(lane.next)\t\(lane.records)\t\(lane.bytes)"
            lines.append("lane\t\(source.topic)\t\(source.partition)\t\(numbers)")
            lines += lane.kept.filter { $0.offset >= lane.begin }.map { ForeignReader.line($0.record, at: $0.offset) }
        }
        return lines + positions.map { "position\t\($0.key)\t\($0.value)" }
    }
}

private func topicLines(_ journal: Journal) -> [String] {
    ["identity\t\(journal.identity)"]
        + journal.describe().map { topic in
            let settings = ["retention.ms", "retention.bytes", "cleanup.policy"].map { topic.settings[$0] ?? "" }
            return "topic\t\(topic.name)\t\(topic.identity ?? "")\t\(topic.partitions)\t"
                + settings.joined(separator: "\t")
        }
}

/// Appends of all sizes to the partitions of the ledger, with positions now and then.
private func fill(
    _ journal: Journal, _ ledger: inout Ledger, _ random: inout SplitMix64, appends: Int, first: Int
) async throws {
    var number = first
    let sources = ledger.lanes.keys.sorted()
    for _ in 0..<appends {
        var records: [NewRecord] = []
        for _ in 0..<Int.random(in: 1..<(Int.random(in: 0..<8, using: &random) == 0 ? 200 : 8), using: &random) {
            let source = sources[Int.random(in: 0..<sources.count, using: &random)]
            var record = event(source.topic, source.partition, number, bytes: Int.random(in: 0..<150, using: &random))
            switch number % 11 {
            case 0: record.key = nil
            case 1: record.value = nil
            case 2: record.value = []
            case 3: record.headers.append(Header("Größe", [0, 255]))
            case 4: record.timestamp = -5
            default: break
            }
            records.append(record)
            number += 1
        }
        let source = sources[Int.random(in: 0..<sources.count, using: &random)]
        let anchor = number % 2 == 0 ? nil : Anchor(offset: Int64(number), timestamp: -1, hash: .max - UInt64(number))
        let position = ConsumerPosition(consumer: "c\(number % 3)", source: source, next: Int64(number), anchor: anchor)
        let places = try await journal.append(Append(records, positions: [position]))
        for (record, place) in zip(records, places) { ledger.note(record, at: place) }
        ledger.note(position)
    }
}

@Suite struct `The format's page` {
    @Test func `is enough to read every record, topic and position in another language`() async throws {
        let seed: UInt64 = 7_041
        var random = SplitMix64(seed: seed)
        let folder = TemporaryFolder()
        var settings = JournalSettings.quiet
        settings.segmentBytes = 20_000
        let journal = try await Journal.open(folder.path, settings)
        var ledger = Ledger()
        try await journal.create([
            TopicSpec(name: "orders", partitions: 3, retentionMilliseconds: nil),
            TopicSpec(name: "täglich", partitions: 1, retentionMilliseconds: 86_400_000, cleanup: .compactAndDelete),
            TopicSpec(name: "short-lived", partitions: 2, retentionMilliseconds: 5),
        ])
        for (name, partitions) in [("orders", Int32(3)), ("täglich", 1), ("short-lived", 2)] {
            for partition in 0..<partitions { ledger.lanes[TopicPartition(name, partition)] = Ledger.Lane() }
        }
        try await fill(journal, &ledger, &random, appends: 60, first: 0)
        // Deleted, and created again as another topic under its name.
        try await journal.delete("short-lived")
        ledger.delete("short-lived")
        try await fill(journal, &ledger, &random, appends: 30, first: 2_000)
        try await journal.create([TopicSpec(name: "short-lived", partitions: 1, retentionMilliseconds: nil)])
        ledger.lanes[TopicPartition("short-lived", 0)] = Ledger.Lane()
        // A partition that begins late, and holes.
        let restored = TopicPartition("restored", 0)
        try await journal.create([TopicSpec(name: "restored", partitions: 1, retentionMilliseconds: nil)])
        try await journal.begin(restored, at: 500)
        let records = [Int64(500), 501, 510, 511, 600].map { offset in
            let sent = event("restored", 0, Int(offset))
            return Record(
                position: RecordPosition(restored, offset), timestamp: sent.timestamp ?? 0, key: sent.key,
                value: sent.value, headers: sent.headers)
        }
        try await journal.restore(records, next: [restored: 650])
        for record in records { ledger.note(event("restored", 0, Int(record.position.offset)), at: record.position) }
        ledger.lanes[restored]?.begin = 500
        ledger.lanes[restored]?.next = 650
        try await journal.adjust(TopicSpec(name: "orders", partitions: 4, retentionMilliseconds: nil))
        ledger.lanes[TopicPartition("orders", 3)] = Ledger.Lane()
        try await journal.keep(atMost: 1 << 40, of: "orders")
        try await fill(journal, &ledger, &random, appends: 60, first: 4_000)
        let segments = try JournalFolder(path: folder.path).list(SystemFiles()).segments
        #expect(segments.count > 3, "seed \(seed)")
        let expected = ledger.lines(topicLines(journal)).sorted()
        // Once beside the living writer, and once when it is gone.
        #expect(try ForeignReader.lines(folder.path).sorted() == expected, "seed \(seed)")
        await journal.close()
        let printed = try ForeignReader.lines(folder.path).sorted()
        #expect(printed == expected, "seed \(seed)")
        try checkSearch(folder.path, ledger, segments)
    }

    /// The search for an offset begins late enough to skip segments, and never too late.
    private func checkSearch(_ path: String, _ ledger: Ledger, _ segments: [UInt64]) throws {
        let source = TopicPartition("orders", 1)
        let lane = try #require(ledger.lanes[source])
        var starts = Set<String>()
        for offset in [0, lane.next / 3, lane.next / 2, lane.next - 1, lane.next] {
            let printed = try ForeignReader.lines(path, source.topic, "1", "\(offset)")
            starts.insert(printed[0])
            let expected = lane.kept.filter { $0.offset >= offset }.map { ForeignReader.line($0.record, at: $0.offset) }
            #expect(Array(printed.dropFirst()) == expected)
        }
        #expect(starts.count >= 3)
        #expect(starts.contains("segment\t\(segments[0])"))
    }

    @Test func `covers what retention leaves`() async throws {
        let seed: UInt64 = 99
        var random = SplitMix64(seed: seed)
        let folder = TemporaryFolder()
        var settings = JournalSettings.quiet
        settings.segmentBytes = 8_000
        let journal = try await Journal.open(folder.path, settings)
        try await journal.create([
            TopicSpec(name: "kept", partitions: 1, retentionMilliseconds: nil),
            TopicSpec(name: "let-go", partitions: 2, retentionMilliseconds: nil),
        ])
        var ledger = Ledger()
        for source in [TopicPartition("kept", 0), TopicPartition("let-go", 0), TopicPartition("let-go", 1)] {
            ledger.lanes[source] = Ledger.Lane()
        }
        try await fill(journal, &ledger, &random, appends: 80, first: 0)
        try await journal.keep(atMost: 2_000, of: "let-go")
        let report = try await journal.applyRetention(now: 0)
        #expect(report.rewrittenSegments > 0, "seed \(seed)")
        for stats in journal.stats() {
            ledger.lanes[stats.source]?.begin = stats.begin
            let left = (ledger.lanes[stats.source]?.kept ?? []).filter { $0.offset >= stats.begin }
            ledger.lanes[stats.source]?.records = left.count
            ledger.lanes[stats.source]?.bytes = left.reduce(0) { $0 + ForeignReader.bytes(of: $1.record) }
        }
        try await fill(journal, &ledger, &random, appends: 10, first: 3_000)
        let expected = ledger.lines(topicLines(journal)).sorted()
        await journal.close()
        #expect(try ForeignReader.lines(folder.path).sorted() == expected, "seed \(seed)")
    }
}
