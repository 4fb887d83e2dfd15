import Core
import TestSupport
import Testing

@Suite struct `The log's contract: topics` {
    @Test(arguments: Engine.showing(.`topics are created, adjusted, described and deleted`))
    func `a topic is created as specified, adjusted, and gone when deleted`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let name = "\(scene.name).managed"
            try await scene.log.create([TopicSpec(name: name, partitions: 2, retentionMilliseconds: nil)])
            var topic = try #require(try await described(name, in: scene))
            #expect(topic.partitions == 2)
            #expect(topic.settings["retention.ms"] == "-1")
            #expect(topic.settings["cleanup.policy"] == "delete")
            let wanted = TopicSpec(
                name: name, partitions: 3, retentionMilliseconds: 3_600_000, cleanup: .compactAndDelete)
            try await scene.log.adjust(wanted)
            topic = try #require(try await described(name, in: scene))
            #expect(topic.partitions == 3)
            #expect(topic.settings["retention.ms"] == "3600000")
            #expect(topic.settings["cleanup.policy"] == "compact,delete")
            try await scene.log.delete(name)
            #expect(try await described(name, in: scene) == nil)
        }
    }

    @Test(arguments: Engine.showing(.`topics are created, adjusted, described and deleted`))
    func `creating a topic twice and shrinking it are refused`(
        _ engine: Engine
    ) async throws {
        try await engine.run { scene in
            let spec = TopicSpec(name: "\(scene.name).once", partitions: 2, retentionMilliseconds: nil)
            try await scene.log.create([spec])
            guard case .refused = try await refusal({ try await scene.log.create([spec]) }) else {
                Issue.record("a second creation was not refused")
                return
            }
            let smaller = TopicSpec(name: spec.name, partitions: 1, retentionMilliseconds: nil)
            guard case .refused = try await refusal({ try await scene.log.adjust(smaller) }) else {
                Issue.record("a shrunk topic was not refused")
                return
            }
        }
    }

    @Test(arguments: Engine.showing(.`topics are created, adjusted, described and deleted`))
    func `a topic that is not there can be neither adjusted nor deleted`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let missing = TopicSpec(name: try scene.nowhere(), partitions: 1, retentionMilliseconds: nil)
            #expect(try await refusal { try await scene.log.delete(missing.name) } == .unknownTopic(missing.name))
            #expect(try await refusal { try await scene.log.adjust(missing) } == .unknownTopic(missing.name))
        }
    }

    private func described(_ name: String, in scene: Scene) async throws -> TopicDescription? {
        try await scene.log.describe().first { $0.name == name }
    }
}
