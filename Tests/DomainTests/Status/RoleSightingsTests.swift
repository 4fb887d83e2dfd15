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
    }

    @Test(arguments: [(14, RoleState.running), (15, .unknown), (3_000, .unknown)] as [(Int64, RoleState)])
    func `it is unknown once three heartbeats did not come`(after: Int64, state: RoleState) throws {
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
        #expect(found.detail == "has not looked for more for 23 s")
    }

    @Test func `it is degraded when it stands still while there is more`() throws {
        let beats = (Int64(0)...4).map { ($0 * 5, beat(progressAt: $0 * 5, at: 7, of: 10)) }
        #expect(try standing(Array(beats.prefix(3)), at: 14).state == .running)
        let found = try standing(beats, at: 21)
        #expect(found.state == .degraded && found.lag == 3)
        #expect(found.detail == "stands at torghut.route.v1/3/7 for 21 s, and there is more")
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
        // When the new one falls silent too, both are missed.
        let later = sightings.standings(at: moment(60))
        #expect(later.map(\.isWell) == [false, false])
        #expect(later.map(\.isReplaced) == [false, false])
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
