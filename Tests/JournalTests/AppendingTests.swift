import Core
import Testing

@testable import Journal

/// Records that compress about as well as events do, from a seed.
func event(_ topic: String, _ partition: Int32, _ number: Int, bytes: Int = 60) -> NewRecord {
    var value = Array("{\"event\":\(number),\"symbol\":\"S\(number % 7)\",\"pad\":\"".utf8)
    var state = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15 | 1
    while value.count < bytes {
        state = state &* 6_364_136_223_846_793_005 &+ 1
        value.append(UInt8(97 + (state >> 59) % 26))
    }
    return NewRecord(
        topic: topic, partition: partition, key: Array("S\(number % 7)".utf8), value: value,
        headers: number % 3 == 0 ? [Header("ce_id", Array("\(number)".utf8)), Header("empty", nil)] : [],
        timestamp: 1_700_000_000_000 + Int64(number))
}

extension JournalSettings {
    /// Without the socket: most tests open many journals and talk to none of them from outside.
    static var quiet: JournalSettings {
        var settings = JournalSettings()
        settings.control = false
        return settings
    }
}

extension JournalReader {
    /// Everything up to the end, or until so many records came.
    func all(_ count: Int = .max) async throws(LogError) -> [Record] {
        var records: [Record] = []
        while records.count < count {
            let batch = try await next(waiting: count == .max ? .zero : .seconds(10))
            if batch.isEmpty && (count == .max || batch.next.isEmpty) { break }
            for index in 0..<batch.count { records.append(batch.record(at: index)) }
        }
        return records
    }
}

func matches(_ record: Record, _ sent: NewRecord) -> Bool {
    record.key == sent.key && record.value == sent.value && record.headers == sent.headers
        && record.timestamp == sent.timestamp && record.position.source.topic == sent.topic
}

@Suite struct `Appending to a journal` {
    @Test func `gives back every record as it was, in order, with offsets that have no gap`() async throws {
        let folder = TemporaryFolder()
        let journal = try await Journal.open(folder.path, .quiet)
        try await journal.create([
            TopicSpec(name: "a", partitions: 3, retentionMilliseconds: nil),
            TopicSpec(name: "b", partitions: 1, retentionMilliseconds: nil),
        ])
        var sent: [TopicPartition: [NewRecord]] = [:]
        var number = 0
        for size in [1, 2, 700, 1, 50] {
            var records: [NewRecord] = []
            for _ in 0..<size {
                records.append(event(number % 4 == 0 ? "b" : "a", number % 4 == 0 ? 0 : Int32(number % 3), number))
                number += 1
            }
            let positions = try await journal.append(Append(records))
            for (record, position) in zip(records, positions) {
                let source = TopicPartition(record.topic, record.partition ?? -1)
                #expect(position == RecordPosition(source, Int64(sent[source, default: []].count)))
                sent[source, default: []].append(record)
            }
        }
        let starts = Dictionary(uniqueKeysWithValues: sent.keys.map { ($0, ReadStart.beginning) })
        for reader in [
            try await journal.reader(from: starts), try await JournalReader.open(folder.path, from: starts),
            try await journal.reader(from: starts, ReadOptions(maximumRecords: 7, maximumBytes: 300)),
        ] {
            let records = try await reader.all()
            #expect(records.count == number)
            for (source, expected) in sent {
                let got = records.filter { $0.position.source == source }
                #expect(got.map(\.position.offset) == Array(0..<Int64(expected.count)))
                #expect(zip(got, expected).allSatisfy { matches($0, $1) })
            }
        }
        await journal.close()
    }
}
