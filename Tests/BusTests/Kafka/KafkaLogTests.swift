import Core
import Digest
import Kafka
import Testing

@testable import Bus

@Suite(.serialized) struct `The log on Kafka` {
    private let place = TopicPartition("t", 0)

    private func record(_ text: String) -> NewRecord { NewRecord(topic: "t", partition: 0, value: Array(text.utf8)) }

    @Test func `gives back what was appended, and goes on after a position`() async throws {
        try await withKafkaLog { _, log in
            let writer = try await log.writer(named: "w")
            let position = ConsumerPosition(
                consumer: "c", source: place, next: 1, anchor: Anchor(offset: 0, timestamp: 5, hash: 9))
            let written = try await writer.append(Append([record("a"), record("b")], positions: [position]))
            #expect(written == [RecordPosition(place, 0), RecordPosition(place, 1)])
            #expect(try await log.bounds(of: [place]) == [place: Bounds(begin: 0, end: 2)])
            let all = try await take(2, from: log.reader(from: [place: .beginning], ReadOptions()))
            let anchor = Anchor(offset: 0, timestamp: all[0].timestamp, hash: RecordHash.of(all[0]))
            let stored = ConsumerPosition(consumer: "c", source: place, next: 1, anchor: anchor)
            let reader = try await log.reader(from: [place: .after(stored)], ReadOptions())
            #expect(try await take(1, from: reader).map(\.value) == [Array("b".utf8)])
        }
    }

    @Test(arguments: [(.beginning, "a"), (.offset(1), "b"), (.end, "c")] as [(ReadStart, String)])
    func `reads from where it is told`(start: ReadStart, first: String) async throws {
        try await withKafkaLog { _, log in
            let writer = try await log.writer(named: "w")
            try await writer.append(Append([record("a"), record("b")]))
            let reader = try await log.reader(from: [place: start], ReadOptions())
            try await writer.append(Append([record("c")]))
            #expect(try await take(1, from: reader).first?.value == Array(first.utf8))
        }
    }

    @Test(arguments: [-1, 3, 1_000] as [Int64])
    func `refuses to read outside what it holds, and says what that is`(offset: Int64) async throws {
        try await withKafkaLog { _, log in
            let writer = try await log.writer(named: "w")
            try await writer.append(Append([record("a"), record("b")]))
            let error = await #expect(throws: LogError.self) {
                try await log.reader(from: [place: .offset(offset)], ReadOptions())
            }
            #expect(error?.reason == .positionOutOfRange(place, asked: offset, Bounds(begin: 0, end: 2)))
        }
    }

    @Test func `never makes a topic by naming it`() async throws {
        try await withKafkaLog { _, log in
            let writer = try await log.writer(named: "w")
            let append = await #expect(throws: LogError.self) {
                try await writer.append(Append([record("a"), NewRecord(topic: "no", value: nil)]))
            }
            #expect(append?.reason == .unknownTopic("no"))
            let missing = TopicPartition("no", 0)
            for start in [ReadStart.beginning, .offset(0)] {
                let read = await #expect(throws: LogError.self) {
                    try await log.reader(from: [missing: start], ReadOptions())
                }
                #expect(read?.reason == .unknownTopic("no"))
            }
            let join = await #expect(throws: LogError.self) { try await log.join(group: "g", sharing: "no") }
            #expect(join?.reason == .unknownTopic("no"))
            #expect(try await log.bounds(of: [place])[place]?.end == 0)
        }
    }

    @Test func `refuses a partition the topic does not have`() async throws {
        try await withKafkaLog { _, log in
            let writer = try await log.writer(named: "w")
            for partition in [-1, 1] as [Int32] {
                let error = await #expect(throws: LogError.self) {
                    try await writer.append(Append([NewRecord(topic: "t", partition: partition, value: nil)]))
                }
                #expect(error?.reason == .unknownPartition(TopicPartition("t", partition)))
            }
        }
    }

    @Test func `takes a record of the largest size, and refuses one more byte by the limit's name`() async throws {
        try await withKafkaLog { _, log in
            let writer = try await log.writer(named: "w")
            let largest = [UInt8](repeating: 1, count: LogLimits.maximumRecordBytes)
            try await writer.append(Append([NewRecord(topic: "t", value: largest)]))
            let error = await #expect(throws: LogError.self) {
                try await writer.append(Append([NewRecord(topic: "t", value: largest + [1])]))
            }
            let reason = LogError.Reason.limitExceeded(
                name: "maximumRecordBytes", allowed: largest.count, actual: largest.count + 1)
            #expect(error?.reason == reason)
            let reader = try await log.reader(from: [place: .beginning], ReadOptions())
            #expect(try await take(1, from: reader).first?.value?.count == largest.count)
        }
    }

    @Test func `throws and goes on when a transaction aborts, and is fenced when a broker says so`() async throws {
        try await withKafkaLog { cluster, log in
            let writer = try await log.writer(named: "w")
            try cluster.push([.topicAuthorization], to: .addPartitions)
            let refused = await #expect(throws: LogError.self) { try await writer.append(Append([record("a")])) }
            #expect(refused?.disposition == .reject)
            try await writer.append(Append([record("b")]))
            try cluster.push([.producerFenced], to: .addPartitions)
            for _ in 0..<2 {
                let fenced = await #expect(throws: LogError.self) { try await writer.append(Append([record("c")])) }
                #expect(fenced?.reason == .fenced(writer: "w"))
            }
            let successor = try await log.writer(named: "w")
            try await successor.append(Append([record("d")]))
        }
    }

    @Test func `tells by a position alone that a writer is fenced, and by nothing at all does not`() async throws {
        try await withKafkaLog { cluster, log in
            let writer = try await log.writer(named: "w")
            let probe = Append([], positions: [ConsumerPosition(consumer: "c", source: place, next: 0, anchor: nil)])
            try await writer.append(probe)
            try cluster.push([.producerFenced], to: .addOffsets)
            try await writer.append(Append([]))
            let fenced = await #expect(throws: LogError.self) { try await writer.append(probe) }
            #expect(fenced?.reason == .fenced(writer: "w"))
        }
    }

    @Test func `ends every handle when it is closed`() async throws {
        try await withKafkaLog { _, log in
            let writer = try await log.writer(named: "w")
            let reader = try await log.reader(from: [place: .beginning], ReadOptions())
            let member = try await log.join(group: "g", sharing: "t")
            await log.close()
            let append = await #expect(throws: LogError.self) { try await writer.append(Append([record("a")])) }
            #expect(append?.reason == .closed)
            let next = await #expect(throws: LogError.self) { try await reader.next(waiting: .zero) }
            #expect(next?.reason == .closed)
            let bounds = await #expect(throws: LogError.self) { try await log.bounds(of: [place]) }
            #expect(bounds?.reason == .closed)
            await member.leave()
        }
    }

    @Test func `says which property is wrong before it is open`() {
        let error = #expect(throws: LogError.self) {
            try KafkaLog(KafkaSettings(bootstrap: "127.0.0.1:1", properties: ["no.such": "1"]))
        }
        #expect(error?.description.contains("'no.such'") == true)
        #expect(error?.disposition == .reject)
    }

    @Test func `is unavailable, not broken, while no broker can be reached`() async throws {
        var settings = KafkaSettings(bootstrap: "127.0.0.1:1")
        settings.requestTimeout = .milliseconds(300)
        let log = try KafkaLog(settings)
        let error = await #expect(throws: LogError.self) { try await log.writer(named: "w") }
        #expect(error?.disposition == .retry)
        let bounds = await #expect(throws: LogError.self) { try await log.bounds(of: [place]) }
        #expect(bounds?.disposition == .retry)
        await log.close()
    }
}
