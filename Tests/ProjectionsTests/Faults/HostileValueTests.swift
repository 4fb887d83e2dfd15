import Core
import Domain
import Postgres
import ProjectionsTestSupport
import TestSupport
import Testing
import Wire

@testable import Projections

/// Whatever an event may hold is stored exactly, and what it may not hold is parked: Postgres never says no.
@Suite struct `A hostile value` {
    @Test(arguments: [0, 1_000_000]) func `is stored exactly`(headRows: Int) async throws {
        var rig = try await Rig([EveryColumn.self])
        rig.limits.headRows = headRows
        var events = EveryEvents(seed: Storm.seed)
        try await rig.append(try (0..<120).map { try events.next(of: $0) })
        let watcher = try await rig.catchUp()
        #expect(watcher.notes.isEmpty, "\(watcher.notes)")
        let parked = "SELECT park_reason, error_path, detail FROM every_column_parked WHERE state = 'parked'"
        let refused = try rig.rows(parked)
        try #require(refused.isEmpty, "\(refused)")
        // Asked for as text and by its bytes, as psql would show it.
        var stored: [String: [String]] = [:]
        for row in try rig.rows(
            """
            SELECT id, encode(convert_to(expected, 'UTF8'), 'hex'), encode(convert_to(observed, 'UTF8'), 'hex'),
                coalesce(difference::text, '-'), amount, coalesce(encode(convert_to(evidence::text, 'UTF8'), 'hex'), '-'),
                encode(bytes, 'hex'), (extract(epoch FROM at) * 1000000)::numeric(30, 0), is_severe, events
            FROM every_columns
            """)
        {
            let fields = row.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            stored[fields[0]] = Array(fields.dropFirst())
        }
        #expect(stored.count == 120)
        for (number, found) in events.made {
            let time = try #require(events.times[number]).nanoseconds
            let wanted = [
                Self.hex(found.expected.text.utf8), Self.hex(found.observed.text.utf8),
                found.difference.map { "\($0)" } ?? "-", "\(found.difference ?? .minimum)",
                found.evidence.map { Self.hex($0.bytes) } ?? "-", Self.hex(found.observed.text.utf8.reversed()),
                "\(Self.floored(time))", found.severity == .critical ? "t" : "f", "1",
            ]
            #expect(stored["\(found.discrepancyID)"] == wanted, "seed \(Storm.seed), event \(number)")
        }
        try rig.checkRoots("hostile values")
        try await rig.checkAgainstCleanFold("hostile values")
    }

    private static func floored(_ nanoseconds: Int64) -> Int64 {
        nanoseconds / 1000 - (nanoseconds % 1000 < 0 ? 1 : 0)
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Records with bytes turned over, cut, doubled, or replaced by what no column takes.
    @Test(arguments: [0, 1_000_000]) func `that no column takes is parked`(headRows: Int) async throws {
        var rig = try await Rig([EveryColumn.self, OrderMix.self])
        rig.limits.headRows = headRows
        rig.limits.maximumBatchRecords = 100
        var events = EveryEvents(seed: Storm.seed &+ 5)
        var encoder = EventEncoder()
        var random = SplitMix64(seed: Storm.seed &+ 6)
        var records: [NewRecord] = []
        for number in 0..<200 {
            var record = encoder.record(try events.next(of: number))
            record.value = Self.spoiled(record.value ?? [], &random)
            // Where its symbol belongs; keys are anyone's bytes, and each of these waits on its own.
            record.partition = record.key.map { Murmur2Partitioner.partition(forKey: $0, of: 12) }
            record.key = (0..<random.next() % 40).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if random.next() % 10 == 0 { record.key = nil }
            if random.next() % 10 == 0 { record.timestamp = [Int64.min, .max, -1][Int(random.next() % 3)] }
            records.append(record)
        }
        records.append(NewRecord(topic: "torghut.order-events.v1", partition: 3, value: nil))
        try await rig.writer.append(Append(records))
        let watcher = try await rig.catchUp()
        #expect(watcher.notes.isEmpty, "\(watcher.notes)")
        let waiting = try rig.rows("SELECT count(*) FROM every_column_parked")
        let folded = try rig.rows("SELECT sum(events) FROM every_columns")
        #expect(Int(waiting[0]) ?? 0 > 50 && Int(folded[0]) ?? 0 > 5, "\(waiting) parked, \(folded) folded")
        #expect(try rig.rows("SELECT count(DISTINCT park_reason) > 2 FROM every_column_parked") == ["t"])
        try rig.checkRoots("spoiled records")
        try await rig.checkAgainstCleanFold("spoiled records")
    }

    private static func spoiled(_ value: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var value = value
        let at = Int(random.next() % UInt64(value.count))
        func replace(_ old: String, _ new: [UInt8]) {
            guard let range = value.firstRange(of: Array(old.utf8)) else { return }
            value.replaceSubrange(range, with: new)
        }
        switch random.next() % 12 {
        case 0: value[at] = UInt8(truncatingIfNeeded: random.next())
        case 1: value[at] = 0
        case 2: value.insert(contentsOf: [0xC3, 0x28], at: at)
        case 3: value.removeSubrange(at...)
        case 4: replace(#""expected":""#, Array(#""expected":"\u0000"#.utf8))
        case 5: replace(#""expected":""#, Array(#""expected":"\ud83d"#.utf8))
        case 6: replace(#""expected":""#, Array(#""expected":""#.utf8) + [UInt8](repeating: 0x61, count: 5_000))
        case 7: replace(#""difference":""#, Array(#""difference":"9999999999999999999999999999999"#.utf8))
        case 8: replace(#""evidence":"#, [UInt8](repeating: 0x5B, count: 2_000))
        case 9: replace(#""evidence":"#, Array(#""evidence":["\ud800",1e999,"#.utf8))
        default: break
        }
        return value
    }

    /// Our binary form of a number against Postgres' own reading of our text.
    @Test func `of numeric is written as Postgres writes it`() throws {
        var events = EveryEvents(seed: Storm.seed &+ 1)
        let amounts = (0..<2_000).map { _ in events.amount() }
        let database = try PrivatePostgres.shared().database()
        var session = try database.session()
        try session.run("CREATE TABLE amounts (n integer, binary_form numeric, text_form text)")
        var rows = RowBytes()
        for (number, amount) in amounts.enumerated() {
            rows.appendBig(3 as Int16)
            Int32(number).writeField(to: &rows)
            amount.writeField(to: &rows)
            "\(amount)".writeField(to: &rows)
        }
        let copy = CopyFormat.header + rows.take() + CopyFormat.trailer
        try session.send("COPY amounts FROM STDIN (FORMAT binary)", copies: [copy])
        _ = try session.finish()
        // Equal as numbers, as text, and in the bytes that are stored.
        let wrong = try session.run(
            """
            SELECT n, binary_form, text_form FROM amounts
            WHERE binary_form <> text_form::numeric OR binary_form::text <> text_form
                OR numeric_send(binary_form) <> numeric_send(text_form::numeric)
            """)[0].rows
        defer { withExtendedLifetime(database) {} }
        #expect(wrong.count == 0, "seed \(Storm.seed): \(wrong.count) amounts, the first \(wrong.text(0, 2) ?? "")")
    }
}
