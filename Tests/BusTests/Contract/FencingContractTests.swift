import Core
import TestSupport
import Testing

@Suite struct `The log's contract: fencing and isolation` {
    @Test(arguments: Engine.showing(.`an older writer of a name is fenced`))
    func `of two writers with one name the older learns that it is fenced, and writes nothing`(
        _ engine: Engine
    ) async throws {
        try await engine.run { scene in
            let source = TopicPartition(try await scene.topic(), 0)
            let name = "\(scene.name).owner"
            func append(_ text: String, with writer: any EventWriter) async throws {
                try await writer.append(Append([NewRecord(topic: source.topic, partition: 0, value: bytes(text))]))
            }
            let older = try await scene.log.writer(named: name)
            try await append("older", with: older)
            let newer = try await scene.log.writer(named: name)
            try await append("newer", with: newer)
            for _ in 0..<2 {
                #expect(try await refusal { try await append("zombie", with: older) } == .fenced(writer: name))
            }
            try await append("newer still", with: newer)
            let stranger = try await scene.log.writer(named: "\(scene.name).stranger")
            try await append("stranger", with: stranger)
            let values = try await scene.all(source).map(\.value)
            #expect(values == ["older", "newer", "newer still", "stranger"].map(bytes))
        }
    }

    @Test(arguments: Engine.showing(.`what was refused or aborted is never read`))
    func `what was refused in the middle of an append, or aborted, is never read, and the writer goes on`(
        _ engine: Engine
    ) async throws {
        try await engine.run { scene in
            let source = TopicPartition(try await scene.topic(), 0)
            let writer = try await scene.log.writer(named: "\(scene.name).writer")
            for round in 0..<5 {
                let good = NewRecord(topic: source.topic, partition: 0, value: bytes("\(round)"))
                let bad = NewRecord(topic: source.topic, partition: 77, value: bytes("bad"))
                try await writer.append(Append([good]))
                try await scene.abort?(Append([good, good]))
                _ = try await refusal { try await writer.append(Append([good, good, bad])) }
            }
            #expect(try await scene.all(source).map(\.value) == (0..<5).map { bytes("\($0)") })
        }
    }
}
