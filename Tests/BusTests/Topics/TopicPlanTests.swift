import Bus
import Core
import Synchronization
import Testing

@Suite struct `Planning topics` {
    private let forever = TopicSpec(name: "a.v1", partitions: 12, retentionMilliseconds: nil)
    private let week = TopicSpec(name: "b.v1", partitions: 3, retentionMilliseconds: 604_800_000)
    private let hour = TopicSpec(
        name: "c.v1", partitions: 1, retentionMilliseconds: 3_600_000, cleanup: .compactAndDelete)

    private func found(
        _ name: String, _ partitions: Int32, retention: String?, cleanup: String? = "delete"
    ) -> TopicDescription {
        var settings: [String: String] = ["max.message.bytes": "1"]
        settings["retention.ms"] = retention
        settings["cleanup.policy"] = cleanup
        return TopicDescription(name: name, partitions: partitions, identity: nil, settings: settings)
    }

    @Test func `topics that are as they are meant to be need nothing`() {
        let plan = TopicPlan(
            [forever, week, hour],
            found: [
                found("c.v1", 1, retention: "3600000", cleanup: "delete, compact"), found("a.v1", 12, retention: "-1"),
                found("somebody.elses", 7, retention: "1"), found("b.v1", 3, retention: "604800000"),
            ])
        #expect(plan.isEmpty)
        #expect(plan.actions.isEmpty)
    }

    @Test func `a missing topic is created`() {
        let plan = TopicPlan([forever, week], found: [found("b.v1", 3, retention: "604800000")])
        #expect(plan.differences == [.missing(topic: "a.v1")])
        #expect(plan.actions == [.create(forever)])
        #expect(plan.unresolved.isEmpty)
    }

    @Test func `each setting that differs is named and adjusted`() {
        let plan = TopicPlan(
            [week, hour], found: [found("b.v1", 3, retention: "-1"), found("c.v1", 1, retention: "3600000")])
        #expect(
            plan.differences == [
                .retention(topic: "b.v1", wanted: "604800000", found: "-1"),
                .cleanupPolicy(topic: "c.v1", wanted: "compact,delete", found: "delete"),
            ])
        #expect(plan.differences.map(\.field) == ["retention.ms", "cleanup.policy"])
        #expect(plan.actions == [.adjust(week), .adjust(hour)])
        #expect(plan.differences.first?.description == "b.v1: retention.ms is -1, wanted 604800000")
    }

    @Test func `partitions are added where keys may move`() {
        let plan = TopicPlan([week], found: [found("b.v1", 1, retention: "604800000")])
        #expect(plan.differences == [.tooFewPartitions(topic: "b.v1", wanted: 3, found: 1)])
        #expect(plan.actions == [.adjust(week)])
    }

    @Test func `partitions of a topic kept forever are never raised, only reported`() {
        let same = TopicPlan([forever], found: [found("a.v1", 6, retention: "-1")])
        #expect(same.differences == [.partitionsFrozen(topic: "a.v1", wanted: 12, found: 6)])
        #expect(same.actions.isEmpty)
        #expect(same.unresolved == same.differences)
        // Also not on the way, while something else is put right.
        let other = TopicPlan([forever], found: [found("a.v1", 6, retention: "1000")])
        #expect(other.actions == [.adjust(TopicSpec(name: "a.v1", partitions: 6, retentionMilliseconds: nil))])
        #expect(other.unresolved == [.partitionsFrozen(topic: "a.v1", wanted: 12, found: 6)])
    }

    @Test func `partitions are never taken away, only reported`() {
        for spec in [forever, week] {
            let many = spec.partitions + 1
            let retention = spec.retentionMilliseconds.map(String.init) ?? "-1"
            let plan = TopicPlan([spec], found: [found(spec.name, many, retention: retention)])
            #expect(plan.differences == [.tooManyPartitions(topic: spec.name, wanted: spec.partitions, found: many)])
            #expect(plan.actions.isEmpty)
            let adjusted = TopicPlan([spec], found: [found(spec.name, many, retention: "5")])
            guard case .adjust(let asked) = adjusted.actions.first else {
                Issue.record("nothing is adjusted")
                continue
            }
            #expect(asked.partitions == many)
        }
    }

    @Test func `what the engine does not tell is not taken for right`() {
        let plan = TopicPlan([week], found: [found("b.v1", 3, retention: nil, cleanup: nil)])
        #expect(plan.differences.map(\.field) == ["retention.ms", "cleanup.policy"])
        #expect(plan.unresolved.count == 2)
        #expect(plan.actions.isEmpty)
    }

    @Test func `apply creates in one call and then adjusts`() async throws {
        let log = Recorder()
        let plan = TopicPlan([forever, week, hour], found: [found("b.v1", 3, retention: "1")])
        try await plan.apply(to: log)
        #expect(log.calls.withLock { $0 } == ["create a.v1,c.v1", "adjust b.v1"])
    }

    private final class Recorder: TopicAdministration {
        let calls = Mutex<[String]>([])
        func describe() async throws(LogError) -> [TopicDescription] { [] }
        func create(_ topics: [TopicSpec]) async throws(LogError) {
            calls.withLock { $0.append("create " + topics.map(\.name).joined(separator: ",")) }
        }
        func adjust(_ topic: TopicSpec) async throws(LogError) { calls.withLock { $0.append("adjust \(topic.name)") } }
        func delete(_ topic: String) async throws(LogError) { calls.withLock { $0.append("delete \(topic)") } }
    }
}
