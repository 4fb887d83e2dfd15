import Core
import Domain
import ProjectionsTestSupport
import TestSupport
import Testing
import Wire

@testable import Projections

/// P1, P12: what waits for operators has a limit, and their words find a way in.
@Suite struct `A partition in which no more may wait` {
    /// One order's key is held up, and more of its records come than there is room for.
    private func fill(_ rig: Rig, _ events: inout MixEvents) async throws -> (head: RecordPosition, partition: Int32) {
        var encoder = EventEncoder()
        var bad = encoder.record(try events.event(of: 7))
        bad.value = [1, 2, 3]
        let head = try await rig.writer.append(Append([bad]))[0]
        try await rig.append(try (0..<5).map { _ in try events.event(of: 7) })
        return (head, head.source.partition)
    }

    private func rig(_ lanes: Int, by limit: String) async throws -> Rig {
        var rig = try await Rig()
        rig.lanes = lanes
        if limit == "maximumWaitingRecords" {
            rig.limits.maximumWaitingRecords = 3
        } else {
            rig.limits.maximumWaitingBytes = 1_500
        }
        return rig
    }

    /// With twelve lanes it has a lane of its own; with two it shares one with five others.
    @Test(arguments: [
        (2, "maximumWaitingRecords"), (12, "maximumWaitingRecords"), (2, "maximumWaitingBytes"),
    ])
    func `is named, the others go on, and so does it when a word makes room`(lanes: Int, limit: String) async throws {
        let rig = try await rig(lanes, by: limit)
        var (events, words) = (MixEvents(seed: Storm.seed), Words(seed: 1))
        let (head, partition) = try await fill(rig, &events)
        try await rig.haltsAlone(partition, saying: limit, &events)
        let waiting = try rig.rows("SELECT count(*), sum(length(record_value)) FROM order_mix_parked")[0].split(
            separator: "|")
        #expect(limit == "maximumWaitingRecords" ? waiting[0] == "3" : Int(waiting[1]) ?? .max <= 1_500)
        #expect((2..<6).contains(Int(waiting[0]) ?? 0))
        // Words about other records, on the way to the one that counts.
        try await rig.whileRunning { _ in
            for offset in 100..<110 {
                let other = RecordPosition(head.source, Int64(offset * 1_000))
                try await rig.append([try words.event(.skip, about: other, of: "order_mix")])
            }
            try await rig.append([try words.event(.skip, about: head, of: "order_mix")])
            try await rig.untilFolded()
            try await rig.append(&events, orders: 300, count: 100)
            try await rig.untilFolded()
        }
        #expect(try rig.rows("SELECT state FROM order_mix_parked") == ["skipped"])
        #expect(try rig.rows("SELECT count(*), sum(steps) FROM mix_orders")[0].hasSuffix("|405"))
        try rig.checkRoots("after the word")
        try await rig.checkAgainstCleanFold("after the word")
    }

    /// P4: a rebuild hears the words first, so it never needs more room than the tables it proves.
    @Test func `is rebuilt with the room it has`() async throws {
        let rig = try await rig(2, by: "maximumWaitingRecords")
        var (events, words) = (MixEvents(seed: Storm.seed), Words(seed: 1))
        try await rig.whileRunning { _ in
            for _ in 0..<3 {
                let (head, partition) = try await fill(rig, &events)
                try await rig.untilFolded(except: [partition])
                try await rig.append([try words.event(.skip, about: head, of: "order_mix")])
                try await rig.untilFolded()
            }
        }
        let rebuild = Rebuild(
            log: rig.log, database: rig.settings, owner: "rebuild", observer: Watcher(), limits: rig.limits)
        #expect(try await rebuild.run(OrderMix.self).provedAgainst == 1)
    }

    /// P12: words about records that have not come have a limit; the records make room for more.
    @Test func `stops hearing words when too many wait for their records`() async throws {
        var rig = try await Rig()
        rig.limits.maximumAwaitedWords = 3
        var (events, words) = (MixEvents(seed: Storm.seed), Words(seed: 1))
        var encoder = EventEncoder()
        let first = try await rig.writer.append(Append([encoder.record(try events.event(of: 7))]))[0]
        try await rig.whileRunning { watcher in
            for offset in Int64(5)...9 {
                let record = RecordPosition(first.source, offset)
                try await rig.append([try words.event(.skip, about: record, of: "order_mix")])
            }
            try await watcher.hears("maximumAwaitedWords")
            let partition = first.source.partition
            let kept =
                "SELECT json_array_length(awaited) FROM projection_checkpoints WHERE log_partition = \(partition)"
            try await eventually("three words kept") { try rig.rows(kept) == ["3"] }
            // Nobody can read the sixth and the tenth record; the word about the tenth was not heard yet.
            for offset in 1...9 {
                var record = encoder.record(try events.event(of: 7))
                if offset % 4 == 1, offset > 1 { record.value = [1, 2, 3] }
                try await rig.writer.append(Append([record]))
            }
            try await rig.untilFolded()
            #expect(try rig.rows(kept) == ["0"])
        }
        let parked = try rig.rows("SELECT source_offset, state FROM order_mix_parked ORDER BY 1")
        #expect(parked == ["5|skipped", "9|skipped"])
        try rig.checkRoots("after the words")
        // A rebuild hears them all before any record.
        let rebuild = Rebuild(
            log: rig.log, database: rig.settings, owner: "rebuild", observer: Watcher(), limits: rig.limits)
        #expect(try await rebuild.run(OrderMix.self).provedAgainst == 1)
    }

    /// Live reads control as it comes, a rebuild before all else; what is parked there takes nobody's room.
    @Test func `is rebuilt at the limit, with records of control parked too`() async throws {
        var rig = try await Rig([MixAndControl.self])
        rig.limits.maximumWaitingRecords = 3
        var (events, words) = (MixEvents(seed: Storm.seed), Words(seed: 1))
        var encoder = EventEncoder()
        var bad = encoder.record(try events.event(of: 7))
        bad.value = [1, 2, 3]
        let head = try await rig.writer.append(Append([bad]))[0]
        try await rig.append(try (0..<2).map { _ in try events.event(of: 7) })
        try await rig.catchUp()
        // Refused by the fold, whatever it says.
        try await rig.append([try words.event(.skip, about: head, of: "somebody_else")])
        try await rig.catchUp()
        let parked = "SELECT count(*) FROM mix_and_control_parked WHERE source_topic LIKE"
        #expect(try rig.rows("\(parked) '%order-events%'") == ["3"])
        #expect(try rig.rows("\(parked) '%control%'") != ["0"])
        let rebuild = Rebuild(
            log: rig.log, database: rig.settings, owner: "rebuild", observer: Watcher(), limits: rig.limits)
        #expect(try await rebuild.run(MixAndControl.self).provedAgainst == 1)
    }
}

/// The mix, which also wants words of operators and can fold none.
private enum MixAndControl: Projection {
    static let name = ProjectionName("mix_and_control")
    static let fold = 1
    static let ownership = OrderMix.ownership
    static let inputs = OrderMix.inputs + [TopicCatalog.control]
    static let wants = OrderMix.wants.union([.control(.quarantineSkipped)])

    static func need(of event: Event, in tables: inout OrderMix.Tables) { OrderMix.need(of: event, in: &tables) }

    static func fold(_ event: Event, at place: RecordPosition, into tables: inout OrderMix.Tables) throws(Refusal) {
        if case .control = event.content { throw Refusal(.foldRefused, at: "$", "it takes none") }
        try OrderMix.fold(event, at: place, into: &tables)
    }
}
