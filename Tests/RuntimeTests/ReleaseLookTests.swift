import Core
import Domain
import Testing

@testable import Runtime

@Suite struct `A role that is ill at a release` {
    private func moment(_ seconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: (1_790_000_000 + seconds) * 1_000_000_000)
    }

    /// A router that looks for more every five seconds and never gets beyond what it cannot read.
    private func stuck(for seconds: Int64) -> RoleSightings {
        var sightings = RoleSightings()
        for at in stride(from: Int64(0), through: seconds, by: 5) {
            sightings.fold(
                HeartbeatRecorded(
                    process: ProcessName(trusted: "one"), role: .router, state: .running, startedAt: moment(0),
                    lastProgressAt: moment(at), idleProved: false,
                    progress: [
                        PartitionProgress(
                            topic: TopicName(trusted: "torghut.route.v1"), partition: 3, position: 7, endOffset: 10)
                    ]), at: moment(at))
        }
        return sightings
    }

    private func verdicts(_ sightings: RoleSightings, at seconds: Int64) -> [ReleaseLine.Verdict] {
        ReleaseLook.roles(sightings.standings(at: moment(seconds)), at: moment(seconds)).map(\.verdict)
    }

    @Test func `is a breach after ten minutes, also when it says that it runs`() {
        #expect(verdicts(stuck(for: 590), at: 592) == [.ok])
        #expect(verdicts(stuck(for: 610), at: 612) == [.no])
        // Silence counts from the last heartbeat.
        #expect(verdicts(stuck(for: 5), at: 600) == [.ok])
        #expect(verdicts(stuck(for: 5), at: 606) == [.no])
    }

    @Test func `is not known where none was ever heard`() {
        #expect(verdicts(RoleSightings(), at: 0) == [.notAsked])
    }
}
