import Bus
import Core
import Testing

@Suite struct `The rounds of a following archiver` {
    private func topic(_ name: String, _ settings: [String: String]) -> TopicDescription {
        TopicDescription(name: name, partitions: 2, identity: nil, settings: settings)
    }

    @Test func `take every topic that is not kept forever, and no other`() {
        let schedule = ArchiveSchedule(for: [
            topic("forever", ["retention.ms": "-1", "cleanup.policy": "delete"]),
            topic("week", ["retention.ms": "604800000", "cleanup.policy": "delete"]),
            topic("both", ["retention.ms": "3600000", "cleanup.policy": "compact,delete"]),
            topic("compacted", ["retention.ms": "3600000", "cleanup.policy": "compact"]),
            topic("sized", ["retention.ms": "-1", "retention.bytes": "1000", "cleanup.policy": "delete"]),
        ])
        #expect(Set(schedule.sources.map(\.topic)) == ["week", "both", "sized"])
        #expect(schedule.sources.count == 6)
        #expect(schedule.shortestRetention == .milliseconds(3_600_000))
    }

    @Test func `come at least four times in the shortest retention`() {
        let schedule = ArchiveSchedule(for: [topic("hour", ["retention.ms": "3600000"])])
        #expect(schedule.interval(asked: .seconds(86_400)) == .seconds(900))
        #expect(schedule.interval(asked: .seconds(60)) == .seconds(60))
        #expect(ArchiveSchedule(for: []).interval(asked: .seconds(600)) == .seconds(600))
    }
}
