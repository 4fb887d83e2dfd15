import Core
import Domain
import Testing

/// P10: nothing is green that does not get on, whatever it says of itself.
@Suite struct `How a role is to be judged` {
    private let start = Timestamp(nanoseconds: 1_790_000_000_000_000_000)

    private func moment(_ seconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: start.nanoseconds + seconds * 1_000_000_000)
    }

    private func beat(
        by process: String = "one", state: RoleState = .running, progressAt: Int64? = nil,
        at position: Int64 = 10, of end: Int64 = 10
    ) -> HeartbeatRecorded {
        HeartbeatRecorded(
            process: ProcessName(trusted: process), role: .router, state: state, startedAt: start,
            lastProgressAt: progressAt.map(moment), idleProved: position == end,
            progress: [
                PartitionProgress(
                    topic: TopicName(trusted: "torghut.route.v1"), partition: 3, position: position, endOffset: end)
            ])
    }

    private func standing(
        _ beats: [(Int64, HeartbeatRecorded)], at seconds: Int64
    ) throws -> RoleStanding {
        var sightings = RoleSightings()
        for (at, beat) in beats { sightings.fold(beat, at: moment(at)) }
        let standings = sightings.standings(at: moment(seconds))
        #expect(standings.count == 1)
        return try #require(standings.first)
    }

    @Test func `it is what it says while it looks for more`() throws {
        let found = try standing([(0, beat(progressAt: 0)), (5, beat(progressAt: 5))], at: 9)
        #expect(found.state == .running && found.isWell && found.lag == 0)
        let degraded = try standing([(0, beat(state: .degraded, progressAt: 0))], at: 2)
        #expect(degraded.state == .degraded && !degraded.isWell)
        #expect(degraded.illSince == moment(0) && found.illSince == nil)
    }

    @Test(arguments: [(12, RoleState.running), (13, .unknown), (3_000, .unknown)] as [(Int64, RoleState)])
    func `it is unknown once its heartbeats do not come`(after: Int64, state: RoleState) throws {
        let found = try standing([(0, beat(progressAt: 0))], at: after)
        // A heartbeat of the same age says when it last looked: silence is named, and nothing else.
        #expect(found.state == state)
        #expect(found.isSilent == (state == .unknown))
    }

    @Test func `it is degraded when it does not look for more, however often it beats`() throws {
        let beats = (Int64(0)...5).map { ($0 * 5, beat(progressAt: 3)) }
        #expect(try standing(Array(beats.prefix(3)), at: 12).state == .running)
        let found = try standing(beats, at: 26)
        #expect(found.state == .degraded)
        #expect(found.detail == "has not looked for more for 23 s" && found.illSince == moment(3))
    }

    @Test func `it is degraded when it stands still while there is more`() throws {
        let beats = (Int64(0)...4).map { ($0 * 5, beat(progressAt: $0 * 5, at: 7, of: 10)) }
        #expect(try standing(Array(beats.prefix(2)), at: 9).state == .running)
        let found = try standing(beats, at: 21)
        #expect(found.state == .degraded && found.lag == 3)
        #expect(found.detail == "stands at torghut.route.v1/3/7 for 21 s, and there is more")
        // Since when it stands, however often it looked for more since.
        #expect(found.illSince == moment(0))
    }

    @Test func `being behind is no fault while it gets on`() throws {
        var beats: [(Int64, HeartbeatRecorded)] = []
        for number in Int64(0)...9 {
            beats.append((number * 5, beat(progressAt: number * 5, at: number * 100, of: 10_000)))
        }
        #expect(try standing(beats, at: 47).state == .running)
    }

    @Test func `who ended as he should is neither missed nor unwell`() throws {
        let found = try standing([(0, beat(progressAt: 0)), (3, beat(state: .disabled))], at: 1_000)
        #expect(found.state == .disabled && found.isWell && !found.isSilent)
    }

    @Test func `a silent process whose work another does is replaced`() {
        var sightings = RoleSightings()
        sightings.fold(beat(by: "old", progressAt: 0), at: moment(0))
        sightings.fold(beat(by: "new", progressAt: 40), at: moment(40))
        let standings = sightings.standings(at: moment(42))
        #expect(standings.map(\.isReplaced) == [false, true])
        #expect(standings.map(\.isWell) == [true, true])
        // Trouble of the new one is its own.
        var troubled = sightings
        var ill = beat(by: "new", state: .degraded, progressAt: 40)
        ill.progress = []
        troubled.fold(ill, at: moment(43))
        #expect(troubled.standings(at: moment(44)).map(\.isReplaced) == [false, true])
        // When the new one falls silent too, it is the one that is missed.
        let later = sightings.standings(at: moment(60))
        #expect(later.map(\.isWell) == [false, true])
        #expect(later.map(\.isReplaced) == [false, true])
    }

    /// Whose partitions nobody took over is missed, however many others run.
    @Test func `who shared the partitions is replaced only when another has his`() {
        func share(_ process: String, _ partitions: Int64..., startedAt: Int64 = 0) -> HeartbeatRecorded {
            HeartbeatRecorded(
                process: ProcessName(trusted: process), role: .router, state: .running, startedAt: moment(startedAt),
                idleProved: true,
                progress: partitions.map {
                    PartitionProgress(
                        topic: TopicName(trusted: "torghut.route.v1"), partition: $0, position: 1, endOffset: 1)
                })
        }
        var sightings = RoleSightings()
        // Both follow partition 9, which is nobody's own.
        sightings.fold(share("one", 1, 2, 9), at: moment(0))
        for at in stride(from: Int64(0), through: 20, by: 5) { sightings.fold(share("two", 3, 9), at: moment(at)) }
        let missed = sightings.standings(at: moment(20))
        #expect(missed.map(\.isReplaced) == [false, false])
        #expect(missed[0].orphans.map(\.partition) == [1, 2] && !missed[0].isWell)
        sightings.fold(share("two", 1, 2, 3, 9), at: moment(25))
        #expect(sightings.standings(at: moment(26)).map(\.isWell) == [true, true])
        let owners = sightings.partitions(at: moment(26)).map { "\($0.partition.partition) \($0.owner.text)" }
        #expect(owners == ["1 two", "2 two", "3 two", "9 two"])
    }

    @Test func `who served beside others is missed until somebody begins in his place`() {
        func serving(_ process: String, startedAt: Int64, at: Int64) -> HeartbeatRecorded {
            var beat = beat(by: process, progressAt: at)
            beat.startedAt = moment(startedAt)
            return beat
        }
        var sightings = RoleSightings()
        sightings.fold(serving("one", startedAt: -60, at: 5), at: moment(5))
        sightings.fold(serving("two", startedAt: -60, at: 4), at: moment(4))
        sightings.fold(serving("two", startedAt: -60, at: 24), at: moment(24))
        #expect(sightings.standings(at: moment(26)).map(\.isWell) == [false, true])
        sightings.fold(serving("three", startedAt: 25, at: 25), at: moment(25))
        #expect(sightings.standings(at: moment(26)).map(\.isReplaced) == [true, false, false])
    }

    @Test func `a heartbeat that comes late changes nothing`() throws {
        let found = try standing([(5, beat(progressAt: 5)), (1, beat(state: .degraded))], at: 6)
        #expect(found.state == .running)
    }

    @Test func `of too many processes those are forgotten that were silent for longest`() {
        var limits = SightingLimits()
        limits.maximumSightings = 3
        var sightings = RoleSightings(limits: limits)
        for number in 0..<Int64(10) {
            sightings.fold(beat(by: "p\(number)", progressAt: number), at: moment(number))
        }
        #expect(sightings.standings(at: moment(9)).map(\.process.text) == ["p7", "p8", "p9"])
    }
}
