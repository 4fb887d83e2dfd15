import Core
import Glibc
import Testing

@testable import Journal

/// Runs Debian's Python on a script and gives back its lines.
private func python(_ arguments: [String], into path: String) -> [String] {
    let command = (["/usr/bin/python3"] + arguments).map { "'\($0)'" }.joined(separator: " ")
    let status = unsafe system("\(command) > '\(path)'")
    guard status == 0, let bytes = try? SystemFiles().contents(of: path, limit: 1 << 28) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
}

private func hex(_ bytes: [UInt8]?) -> String {
    guard let bytes else { return "null" }
    return "\"" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\""
}

/// A record as the script prints it; names in these tests need no escapes.
private func line(_ record: Record) -> String {
    let headers = record.headers.map { "[\"\($0.name)\", \(hex($0.value))]" }.joined(separator: ", ")
    let place = record.position
    return "[\"\(place.source.topic)\", \(place.source.partition), \(place.offset), \(record.timestamp), "
        + "\(hex(record.key)), \(hex(record.value)), [\(headers)]]"
}

@Suite struct `The format of a journal` {
    @Test func `is read by a script that was written from its description`() async throws {
        let folder = TemporaryFolder()
        var settings = JournalSettings.quiet
        settings.segmentBytes = 30_000
        let journal = try await Journal.open(folder.path + "/j", settings)
        try await journal.create([
            TopicSpec(name: "a", partitions: 2, retentionMilliseconds: nil),
            TopicSpec(name: "b", partitions: 1, retentionMilliseconds: 1_000),
        ])
        let odd = [
            NewRecord(topic: "a", partition: 0, value: nil, timestamp: 1),
            NewRecord(
                topic: "a", partition: 1, key: [], value: [], headers: [Header("", []), Header("n", nil)], timestamp: -1
            ),
        ]
        try await journal.append(Append(odd))
        for size in [1, 3, 200, 1, 90, 150] {
            let position = ConsumerPosition(consumer: "c", source: TopicPartition("a", 0), next: 1, anchor: nil)
            let records = (0..<size).map {
                event($0 % 5 == 0 ? "b" : "a", $0 % 5 == 0 ? 0 : Int32($0 % 2), $0, bytes: 300)
            }
            try await journal.append(Append(records, positions: size == 3 ? [position] : []))
        }
        // Once as it was written, once after retention has thinned it.
        for _ in 0..<2 {
            let records = try await journal.reader(from: everything).all()
            let script = String(#filePath.dropLast("FormatTests.swift".count)) + "read_journal.py"
            let lines = python([script, folder.path + "/j"], into: folder.path + "/lines")
            let begins = try journal.bounds(of: Array(everything.keys))
            let visible = lines.filter { line in
                records.isEmpty || !line.hasPrefix("[\"b\"") || (begins[TopicPartition("b", 0)]?.begin ?? 0) == 0
            }
            let expected = records.map(line).filter { line in
                !line.hasPrefix("[\"b\"") || (begins[TopicPartition("b", 0)]?.begin ?? 0) == 0
            }
            #expect(expected.count > 300)
            #expect(visible == expected)
            try await journal.applyRetention(now: 1_700_000_000_000 + 10_000)
        }
        await journal.close()
    }
}
