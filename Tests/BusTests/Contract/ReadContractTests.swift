import Bus
import Core
import TestSupport
import Testing

@Suite struct `The log's contract: reading` {
    /// A topic with one partition and ten single-record appends; with holes their offsets are not 0…9.
    private func ten(in scene: Scene) async throws -> (source: TopicPartition, positions: [RecordPosition]) {
        let source = TopicPartition(try await scene.topic(), 0)
        let writer = try await scene.log.writer(named: "\(scene.name).writer")
        var positions: [RecordPosition] = []
        for number in 0..<10 {
            let record = NewRecord(
                topic: source.topic, partition: 0, key: bytes("k\(number)"), value: bytes("\(number)"))
            positions += try await writer.append(Append([record]))
        }
        return (source, positions)
    }

    @Test(arguments: Engine.all)
    func `every record comes once and in order, from the beginning, the middle and the end`(
        _ engine: Engine
    ) async throws {
        try await engine.run { scene in
            let (source, positions) = try await ten(in: scene)
            #expect(try await scene.all(source).map(\.position) == positions)
            #expect(
                try await scene.all(source, from: .offset(positions[4].offset)).map(\.position)
                    == Array(positions[4...]))
            #expect(try await scene.all(source, from: .end).isEmpty)
        }
    }

    @Test(arguments: Engine.all)
    func `a position outside the log is refused with what the log holds`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let (source, _) = try await ten(in: scene)
            let held = try #require(try await scene.log.bounds(of: [source])[source])
            for asked in [held.begin - 1, held.end + 1, held.end + 1_000_000] {
                let reason = try await refusal { _ = try await scene.all(source, from: .offset(asked)) }
                #expect(reason == .positionOutOfRange(source, asked: asked, held))
            }
        }
    }

    @Test(arguments: Engine.all)
    func `a reader at the end waits, comes back empty, and then sees what is appended`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let (source, _) = try await ten(in: scene)
            let writer = try await scene.log.writer(named: "\(scene.name).later")
            let reader = try await scene.log.reader(from: [source: .end], ReadOptions())
            let started = ContinuousClock.now
            let nothing = try await reader.next(waiting: .milliseconds(50))
            #expect(nothing.isEmpty)
            #expect(ContinuousClock.now - started < .seconds(10))
            let written = try await writer.append(
                Append([NewRecord(topic: source.topic, partition: 0, value: bytes("later"))]))
            var read: [Record] = []
            let deadline = ContinuousClock.now + .seconds(20)
            while read.isEmpty, ContinuousClock.now < deadline {
                let batch = try await reader.next(waiting: .seconds(1))
                read += batch.entries.indices.map { batch.record(at: $0) }
            }
            #expect(read.map(\.position) == written)
            await reader.close()
        }
    }

    @Test(arguments: Engine.all)
    func `a batch holds no more records and bytes than asked for, and at least one`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let source = TopicPartition(try await scene.topic(), 0)
            let writer = try await scene.log.writer(named: "\(scene.name).writer")
            let records = (0..<50).map { _ in
                NewRecord(topic: source.topic, partition: 0, key: nil, value: Array(repeating: 1, count: 1_000))
            }
            try await writer.append(Append(records))
            for options in [
                ReadOptions(maximumRecords: 7), ReadOptions(maximumBytes: 3_500), ReadOptions(maximumBytes: 10),
            ] {
                let reader = try await scene.log.reader(from: [source: .beginning], options)
                var sizes: [Int] = []
                while sizes.reduce(0, +) < records.count {
                    let batch = try await reader.next(waiting: .seconds(5))
                    if batch.isEmpty { break }
                    sizes.append(batch.count)
                }
                #expect(sizes.reduce(0, +) == records.count)
                let allowed = max(1, min(options.maximumRecords, options.maximumBytes / 1_000))
                #expect(sizes.allSatisfy { $0 <= allowed }, "\(sizes) with \(options)")
                await reader.close()
            }
        }
    }

    @Test(arguments: Engine.all)
    func `headers are left out when nobody asks for them`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let source = TopicPartition(try await scene.topic(), 0)
            let writer = try await scene.log.writer(named: "\(scene.name).writer")
            let record = NewRecord(
                topic: source.topic, partition: 0, value: bytes("v"), headers: [Header("h", bytes("1"))])
            try await writer.append(Append([record]))
            let bare = try await scene.all([source: .beginning], ReadOptions(headers: false))
            #expect(bare.map(\.headers) == [[]])
            #expect(try await scene.all(source).map(\.headers) == [record.headers])
        }
    }

    @Test(arguments: Engine.all)
    func `partitions keep their own order and none starves another`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let topic = try await scene.topic(partitions: 3)
            let writer = try await scene.log.writer(named: "\(scene.name).writer")
            var written: [RecordPosition] = []
            for round in 0..<20 {
                let records = (0..<3).map {
                    NewRecord(topic: topic, partition: Int32($0), value: bytes("\(round)"))
                }
                written += try await writer.append(Append(records))
            }
            let starts = Dictionary(
                uniqueKeysWithValues: (0..<3).map { (TopicPartition(topic, Int32($0)), ReadStart.beginning) })
            let read = try await scene.all(starts, ReadOptions(maximumRecords: 10))
            for source in starts.keys {
                #expect(
                    read.map(\.position).filter { $0.source == source } == written.filter { $0.source == source })
            }
        }
    }

    @Test(arguments: Engine.all)
    func `what does not exist cannot be read`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let topic = try await scene.topic()
            let missing = TopicPartition(try scene.nowhere(), 0)
            #expect(try await refusal { _ = try await scene.log.bounds(of: [missing]) } == .unknownTopic(missing.topic))
            let outside = TopicPartition(topic, 5)
            #expect(try await refusal { _ = try await scene.log.bounds(of: [outside]) } == .unknownPartition(outside))
        }
    }

    @Test(arguments: Engine.all)
    func `a closed log refuses everything and says so`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let source = TopicPartition(try await scene.topic(), 0)
            let writer = try await scene.log.writer(named: "\(scene.name).writer")
            let reader = try await scene.log.reader(from: [source: .beginning], ReadOptions())
            await scene.log.close()
            let append = Append([NewRecord(topic: source.topic, partition: 0, value: [])])
            #expect(try await refusal { try await writer.append(append) } == .closed)
            #expect(try await refusal { _ = try await reader.next(waiting: .seconds(1)) } == .closed)
            #expect(try await refusal { _ = try await scene.log.bounds(of: [source]) } == .closed)
        }
    }
}
