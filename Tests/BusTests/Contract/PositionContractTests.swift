import Bus
import Core
import Digest
import TestSupport
import Testing

@Suite struct `The log's contract: positions` {
    /// Appends values one by one and answers the positions a consumer would store after each.
    private func consumed(_ count: Int, of source: TopicPartition, in scene: Scene) async throws -> [ConsumerPosition] {
        let writer = try await scene.log.writer(named: "\(scene.name).source")
        for number in 0..<count {
            let record = NewRecord(topic: source.topic, partition: source.partition, value: bytes("\(number)"))
            try await writer.append(Append([record]))
        }
        return try await scene.all(source).map { record in
            let anchor = Anchor(
                offset: record.position.offset, timestamp: record.timestamp, hash: RecordHash.of(record))
            return ConsumerPosition(
                consumer: "\(scene.name).fold", source: source, next: record.position.offset + 1, anchor: anchor)
        }
    }

    @Test(arguments: Engine.showing(.`positions move with the records of their append`))
    func `positions move with the records of their append, per consumer and partition`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let input = TopicPartition(try await scene.topic("input"), 0)
            let output = TopicPartition(try await scene.topic("output"), 0)
            let steps = try await consumed(3, of: input, in: scene)
            let writer = try await scene.log.writer(named: "\(scene.name).deriver")
            #expect(try await scene.log.positions(of: steps[0].consumer, in: [input]).isEmpty)
            for step in steps {
                let derived = NewRecord(topic: output.topic, partition: 0, value: bytes("after \(step.next)"))
                try await writer.append(Append([derived], positions: [step]))
                #expect(try await scene.log.positions(of: step.consumer, in: [input]) == [input: step])
            }
            #expect(try await scene.log.positions(of: steps[0].consumer, in: [output]).isEmpty)
            #expect(try await scene.log.positions(of: "\(scene.name).other", in: [input]).isEmpty)
            #expect(try await scene.all(output).count == 3)
        }
    }

    @Test(arguments: Engine.showing(.`positions move with the records of their append`))
    func `a refused append moves no position`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let input = TopicPartition(try await scene.topic("input"), 0)
            let steps = try await consumed(2, of: input, in: scene)
            let writer = try await scene.log.writer(named: "\(scene.name).deriver")
            try await writer.append(Append([], positions: [steps[0]]))
            let impossible = NewRecord(topic: try scene.nowhere(), partition: 0, value: [])
            _ = try await refusal { try await writer.append(Append([impossible], positions: [steps[1]])) }
            #expect(try await scene.log.positions(of: steps[0].consumer, in: [input]) == [input: steps[0]])
        }
    }

    @Test(arguments: Engine.all)
    func `a reader goes on after a stored position, and an anchor that does not match is refused`(
        _ engine: Engine
    ) async throws {
        try await engine.run { scene in
            let input = TopicPartition(try await scene.topic("input"), 0)
            let steps = try await consumed(4, of: input, in: scene)
            let rest = try await scene.all(input, from: .after(steps[1]))
            #expect(rest.map(\.value) == [bytes("2"), bytes("3")])
            #expect(try await scene.all(input, from: .after(steps[3])).isEmpty)
            let anchor = try #require(steps[1].anchor)
            let other = ConsumerPosition(
                consumer: steps[1].consumer, source: input, next: steps[1].next,
                anchor: Anchor(offset: anchor.offset, timestamp: anchor.timestamp, hash: anchor.hash ^ 1))
            let reason = try await refusal { _ = try await scene.all(input, from: .after(other)) }
            #expect(reason == .anchorMismatch(input, offset: anchor.offset))
        }
    }

    @Test(arguments: Engine.showing(.`a topic deleted and created again is refused`))
    func `a topic deleted and created again is refused, whether it is now longer or shorter`(
        _ engine: Engine
    ) async throws {
        try await engine.run { scene in
            let input = TopicPartition(try await scene.topic("input"), 0)
            let last = try #require(try await consumed(5, of: input, in: scene).last)
            try await scene.log.delete(input.topic)
            _ = try await scene.topic("input")
            let writer = try await scene.log.writer(named: "\(scene.name).again")
            let record = NewRecord(topic: input.topic, partition: 0, value: bytes("another"))
            try await writer.append(Append([record]))
            let held = try #require(try await scene.log.bounds(of: [input])[input])
            #expect(
                try await refusal { _ = try await scene.all(input, from: .after(last)) }
                    == .positionOutOfRange(input, asked: last.next, held))
            for _ in 0..<9 { try await writer.append(Append([record])) }
            #expect(
                try await refusal { _ = try await scene.all(input, from: .after(last)) }
                    == .anchorMismatch(input, offset: last.next - 1))
        }
    }
}
