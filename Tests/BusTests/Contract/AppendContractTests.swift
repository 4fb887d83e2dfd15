import Core
import TestSupport
import Testing

@Suite struct `The log's contract: appending` {
    @Test(arguments: Engine.all)
    func `an append to several topics is readable in each, at the positions it answered`(_ engine: Engine) async throws
    {
        try await engine.run { scene in
            let (first, second) = (try await scene.topic("first", partitions: 3), try await scene.topic("second"))
            let writer = try await scene.log.writer(named: "\(scene.name).writer")
            let records = [
                NewRecord(topic: first, partition: 2, key: bytes("a"), value: bytes("1")),
                NewRecord(topic: second, partition: 0, key: bytes("b"), value: bytes("2")),
                NewRecord(topic: first, partition: 2, key: bytes("c"), value: bytes("3")),
            ]
            let positions = try await writer.append(Append(records))
            #expect(positions.map(\.source) == [.init(first, 2), .init(second, 0), .init(first, 2)])
            #expect(positions[0].offset < positions[2].offset)
            let read = try await scene.all([.init(first, 2): .beginning, .init(second, 0): .beginning])
            let byPosition = Dictionary(uniqueKeysWithValues: read.map { ($0.position, $0) })
            #expect(read.count == records.count)
            for (record, position) in zip(records, positions) {
                #expect(byPosition[position]?.key == record.key)
                #expect(byPosition[position]?.value == record.value)
            }
        }
    }

    @Test(arguments: Engine.all)
    func `null and empty fields, binary bytes, repeated headers and given timestamps come back as they went in`(
        _ engine: Engine
    ) async throws {
        try await engine.run { scene in
            let topic = try await scene.topic()
            let writer = try await scene.log.writer(named: "\(scene.name).writer")
            let everyByte = (0...255).map { UInt8($0) }
            let records = [
                NewRecord(topic: topic, partition: 0, key: nil, value: bytes("no key"), timestamp: 1_700_000_000_123),
                NewRecord(topic: topic, partition: 0, key: bytes("tombstone"), value: nil, timestamp: 1),
                NewRecord(topic: topic, partition: 0, key: [], value: [], timestamp: 2),
                NewRecord(
                    topic: topic, partition: 0, key: everyByte, value: everyByte.reversed(),
                    headers: [
                        Header("twice", bytes("1")), Header("twice", nil), Header("", []), Header("é", everyByte),
                    ], timestamp: 3),
            ]
            try await writer.append(Append(records))
            let read = try await scene.all(TopicPartition(topic, 0))
            #expect(read.map(\.key) == records.map(\.key))
            #expect(read.map(\.value) == records.map(\.value))
            #expect(read.map(\.headers) == records.map(\.headers))
            #expect(read.map { Optional($0.timestamp) } == records.map(\.timestamp))
        }
    }

    @Test(arguments: Engine.all)
    func `a key without a partition goes where murmur2 puts it, on every engine`(_ engine: Engine) async throws {
        // Asked of librdkafka's own murmur2 at 12 partitions, which is Java's.
        let expected: [String: Int32] = ["21": 0, "foobar": 6, "abc": 3, "AAPL": 9, "BTC/USD": 1, "": 9]
        try await engine.run { scene in
            let topic = try await scene.topic(partitions: 12)
            let writer = try await scene.log.writer(named: "\(scene.name).writer")
            for (key, partition) in expected.sorted(by: { $0.key < $1.key }) {
                let record = NewRecord(topic: topic, key: bytes(key), value: [])
                let written = try await writer.append(Append([record]))
                #expect(written.map(\.source.partition) == [partition], "key \(key)")
            }
        }
    }

    @Test(arguments: Engine.all)
    func `concurrent appends each stay whole and none is lost`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let topic = try await scene.topic()
            let writer = try await scene.log.writer(named: "\(scene.name).writer")
            let written = try await withThrowingTaskGroup(of: [RecordPosition].self) { group in
                for name in 0..<20 {
                    let records = (0..<5).map {
                        NewRecord(topic: topic, partition: 0, key: bytes("\(name)"), value: bytes("\($0)"))
                    }
                    group.addTask { try await writer.append(Append(records)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(written.joined()).count == 100)
            for positions in written {
                let offsets = positions.map(\.offset)
                #expect(offsets == (0..<5).map { (offsets.first ?? -1) + $0 }, "one append lies in one piece")
            }
            let read = try await scene.all(TopicPartition(topic, 0))
            #expect(Set(read.map(\.position)) == Set(written.joined()))
        }
    }

    @Test(arguments: Engine.all)
    func `a record over a limit is refused by the limit's name`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let topic = try await scene.topic()
            let writer = try await scene.log.writer(named: "\(scene.name).writer")
            let (allowed, key) = (LogLimits.maximumRecordBytes, bytes("k"))
            let whole = NewRecord(
                topic: topic, partition: 0, key: key, value: Array(repeating: 7, count: allowed - key.count))
            try await writer.append(Append([whole]))
            var larger = whole
            larger.value?.append(7)
            let reason = try await refusal { try await writer.append(Append([larger])) }
            #expect(reason == .limitExceeded(name: "maximumRecordBytes", allowed: allowed, actual: allowed + 1))
            #expect(try await scene.all(TopicPartition(topic, 0)).map(\.value) == [whole.value])
        }
    }

    @Test(arguments: Engine.all)
    func `an unknown topic or partition is refused, and nothing of its append is kept`(_ engine: Engine) async throws {
        try await engine.run { scene in
            let topic = try await scene.topic()
            let writer = try await scene.log.writer(named: "\(scene.name).writer")
            let good = NewRecord(topic: topic, partition: 0, value: bytes("good"))
            let missing = NewRecord(topic: try scene.nowhere(), partition: 0, value: bytes("lost"))
            let outside = NewRecord(topic: topic, partition: 9, value: bytes("lost"))
            #expect(
                try await refusal { try await writer.append(Append([good, missing])) } == .unknownTopic(missing.topic))
            #expect(
                try await refusal { try await writer.append(Append([good, outside])) }
                    == .unknownPartition(TopicPartition(topic, 9)))
            try await writer.append(Append([good]))
            #expect(try await scene.all(TopicPartition(topic, 0)).map(\.value) == [good.value])
        }
    }
}
