import Core
import Testing

@testable import Kafka

@Suite struct `Topics on Kafka` {
    private func settings(_ retention: Int64?, replicas: Int32) -> [String: String] {
        let spec = TopicSpec(name: "t", partitions: 1, retentionMilliseconds: retention)
        return Dictionary(uniqueKeysWithValues: KafkaAdmin.configuration(ofNew: spec, replicas: replicas))
    }

    @Test func `are made as the topic files say`() {
        let common = [
            "cleanup.policy": "delete", "compression.type": "producer", "max.message.bytes": "1114112",
            "message.timestamp.type": "CreateTime", "min.insync.replicas": "2", "retention.bytes": "-1",
            "unclean.leader.election.enable": "false",
        ]
        #expect(settings(nil, replicas: 3) == common.merging(["retention.ms": "-1"]) { $1 })
        let week = ["retention.ms": "604800000", "segment.ms": "86400000"]
        #expect(settings(604_800_000, replicas: 3) == common.merging(week) { $1 })
        let hour = ["retention.ms": "3600000", "segment.ms": "514285"]
        #expect(settings(3_600_000, replicas: 3) == common.merging(hour) { $1 })
    }

    @Test(arguments: [(1, "1"), (2, "1"), (3, "2")] as [(Int32, String)])
    func `take appends while one copy is away, if there is more than one`(replicas: Int32, least: String) {
        #expect(settings(nil, replicas: replicas)["min.insync.replicas"] == least)
    }

    @Test func `keep the number of copies somebody else chose when they are adjusted`() {
        let spec = TopicSpec(name: "t", partitions: 1, retentionMilliseconds: nil)
        #expect(!KafkaAdmin.configuration(of: spec).contains { $0.0 == "min.insync.replicas" })
    }

    @Test func `are not adjusted where their settings cannot be read, for that would replace them all`() async throws {
        try await withCluster { _, settings in
            let admin = try KafkaAdmin(settings)
            let spec = TopicSpec(name: "t", partitions: 1, retentionMilliseconds: nil)
            let error = await #expect(throws: KafkaError.self) { try await admin.adjust(spec) }
            #expect(error?.text == "its settings cannot be read, so they are not replaced")
            #expect(error?.disposition == .reject)
            await admin.close()
        }
    }
}
