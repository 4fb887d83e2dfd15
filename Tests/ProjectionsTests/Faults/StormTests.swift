import Bus
import Core
import Glibc
import ProjectionsTestSupport
import TestSupport
import Testing

@testable import Projections

/// Everything at once, from one seed: owners that are killed, stopped and cut off while the log grows.
struct ProjectorStorm {
    let rig: Rig
    let journal: String
    var random: SplitMix64
    var events: MixEvents
    private var sleepers: [(child: Child, owner: String)] = []

    init(_ rig: Rig, journal: String, seed: UInt64) {
        self.rig = rig
        self.journal = journal
        random = SplitMix64(seed: seed)
        events = MixEvents(seed: seed)
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[Int(random.next() % UInt64(values.count))] }

    /// One owner after another; each ends at a chosen moment, and those that were stopped wake up much later.
    mutating func rage(owners: Int, records: Int) async throws -> [String] {
        var story: [String] = []
        for owner in 0..<owners {
            let (moment, count) = (pick(WriteMoment.allCases), Int(random.next() % 6) + 1)
            let (end, head, lanes) = (pick(["kill", "stop"]), pick([0, 1_000_000]), pick([1, 2]))
            // Not every moment comes on both ways of writing.
            let wanted = head > 0 && moment == .copied ? .sent : moment
            let batch = pick([20, 60, 200])
            story.append(
                "\(owner): \(end) at \(wanted.rawValue) \(count), head \(head), lanes \(lanes), batch \(batch)")
            try await rig.append(&events, orders: 300, count: records)
            let child = try Child(projector: [
                "journal": journal, "db": rig.database.address, "owner": "owner-\(owner)", "head": "\(head)",
                "records": "\(batch)", "lanes": "\(lanes)", "moment": wanted.rawValue, "count": "\(count)",
                "end": end,
            ])
            try await untilMet(child, story)
            if random.next() % 3 == 0 { try rig.cutAllSessions() }
            if end == "stop" { sleepers.append((child, "owner-\(owner)")) } else { _ = try child.lines() }
            if sleepers.count > 2 { try wake() }
        }
        while !sleepers.isEmpty { try wake() }
        return story
    }

    /// The log grows until the moment has come.
    private mutating func untilMet(_ child: Child, _ story: [String]) async throws {
        for _ in 0..<400 {
            if child.hasSpoken(within: .milliseconds(50)) {
                let said = try child.lines(upTo: "at ")
                #expect(said.allSatisfy { $0.hasPrefix("at ") || $0.hasPrefix("retrying") }, "\(said) \(story)")
                return
            }
            try await rig.append(&events, orders: 300, count: 50)
        }
        throw NeverCame("the moment of \(story.last ?? "")")
    }

    /// One that slept while others owned its partitions ends as soon as it wakes, unless nobody came after it.
    private mutating func wake() throws {
        let (sleeper, owner) = sleepers.removeFirst()
        let isOwner = try rig.rows("SELECT count(*) FROM projection_checkpoints WHERE owner = '\(owner)'") != ["0"]
        sleeper.signal(SIGCONT)
        if !isOwner { _ = try sleeper.lines(upTo: "ended") }
        sleeper.signal(SIGKILL)
        _ = try sleeper.lines()
    }
}

private func weather(owners: Int, records: Int, seed: UInt64) async throws {
    let folder = TemporaryFolder(inMemory: true)
    let rig = try await Rig(log: JournalLog(folder.path))
    var storm = ProjectorStorm(rig, journal: folder.path, seed: seed)
    let story = try await storm.rage(owners: owners, records: records)
    try await rig.whileRunning(owner: "last") { _ in try await rig.untilFolded(within: .seconds(120)) }
    try rig.checkMix("seed \(seed): \(story)")
    try await rig.checkAgainstCleanFold("seed \(seed): \(story)")
    await rig.log.close()
}

@Suite struct `A storm over projectors` {
    @Test func `leaves the rows of a clean fold`() async throws {
        try await weather(owners: 6, records: 200, seed: Storm.seed)
    }
}

@Suite(.enabled(if: Storm.isOn)) struct `Soak: a storm over projectors` {
    @Test(arguments: 0..<20 as Range<UInt64>) func `leaves the rows of a clean fold`(round: UInt64) async throws {
        try await weather(owners: 40, records: 2_000, seed: Storm.seed &* 1_000 &+ round)
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func `of poison gives the same rows however it is folded`(
        round: UInt64
    ) async throws {
        let seed = Storm.seed &* 1_000 &+ round
        let rig = try await Rig(log: MemoryLog(holes: true))
        var log = PoisonedLog(rig, seed: seed)
        try await log.append(5_000, orders: 500, rarity: 100)
        try await rig.whileRunning { _ in try await rig.untilFolded(within: .seconds(60)) }
        try rig.checkPoisoned(log, "seed \(seed)")
        var other = try Rig(beside: rig)
        (other.limits.maximumBatchRecords, other.limits.headRows) = (17, 0)
        try await other.whileRunning { _ in try await other.untilFolded(within: .seconds(120)) }
        #expect(try other.contents() == rig.contents(), "seed \(seed)")
    }
}
