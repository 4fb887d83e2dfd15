import Core
import Kafka
import Testing

@Suite(.serialized) struct `A reader of partitions` {
    private let place = TopicPartition("t", 0)

    @Test func `answers within a batch's limits, and a larger record comes whole`() async throws {
        try await withCluster { _, settings in
            let writer = try await openWriter(settings)
            let big = NewRecord(topic: "t", partition: 0, value: [UInt8](repeating: 7, count: 5_000))
            _ = try await writer.append(numbered(0..<25) + [big] + numbered(25..<30))
            let consumer = try KafkaConsumer(settings)
            try await consumer.assign([place: 0])
            var offsets: [Int64] = []
            while offsets.count < 31 {
                let batch = try await consumer.next(waiting: .seconds(5), maximumRecords: 10, maximumBytes: 1_000)
                #expect(batch.count <= 10)
                let size = batch.entries.reduce(0) { $0 + max(0, Int($1.value.length)) }
                #expect(size <= 1_000 || batch.count == 1)
                offsets += batch.entries.map(\.offset)
                if let last = batch.entries.last { #expect(batch.next[place].map { $0 > last.offset } == true) }
            }
            #expect(offsets == Array(0..<31))
            await consumer.close()
            await writer.close()
        }
    }

    @Test func `leaves headers out when nobody asks for them`() async throws {
        try await withCluster { _, settings in
            let writer = try await openWriter(settings)
            _ = try await writer.append([NewRecord(topic: "t", value: [1], headers: [Header("h", [2])])])
            let consumer = try KafkaConsumer(settings)
            try await consumer.assign([place: 0])
            var batch = RecordBatch.empty
            while batch.isEmpty { batch = try await consumer.next(waiting: .seconds(5), headers: false) }
            #expect(batch.record(at: 0).headers.isEmpty)
            await consumer.close()
            await writer.close()
        }
    }

    @Test func `fetches no more than its buffer while the caller is behind, and loses nothing`() async throws {
        let limits: (inout KafkaSettings) -> Void = {
            $0.readAheadKilobytes = 256
            $0.readAheadRecords = 10
            $0.properties["fetch.message.max.bytes"] = "100000"
        }
        try await withCluster(limits: limits) { _, settings in
            let writer = try await openWriter(settings)
            let records = (0..<3_000).map {
                NewRecord(topic: "t", partition: 0, value: Array("\($0)".utf8) + [UInt8](repeating: 32, count: 1_000))
            }
            _ = try await writer.append(records)
            let consumer = try KafkaConsumer(settings)
            try await consumer.assign([place: 0])
            var most = 0
            let patience = ContinuousClock.now + .seconds(30)
            while await consumer.queued == 0, ContinuousClock.now < patience {
                try await Task.sleep(for: .milliseconds(20))
            }
            for _ in 0..<20 {
                try await Task.sleep(for: .milliseconds(20))
                most = max(most, await consumer.queued)
            }
            // 256 KB and the one fetch that fills it over the brim, in records of a kilobyte.
            #expect(most > 0 && most < 1_000)
            let found = try await take(3_000, from: consumer, within: .seconds(30))
            #expect(found.map(\.position.offset) == Array(0..<3_000))
            await consumer.close()
            await writer.close()
        }
    }

    @Test func `pauses and goes on without losing or repeating a record`() async throws {
        try await withCluster { _, settings in
            let writer = try await openWriter(settings)
            _ = try await writer.append(numbered(0..<100))
            let consumer = try KafkaConsumer(settings)
            try await consumer.assign([place: 0])
            var offsets: [Int64] = []
            while offsets.count < 10 {
                offsets += try await consumer.next(waiting: .seconds(5), maximumRecords: 10 - offsets.count).entries
                    .map(\.offset)
            }
            try await consumer.pause([place])
            var paused = try await consumer.next(waiting: .milliseconds(200))
            offsets += paused.entries.map(\.offset)
            _ = try await writer.append(numbered(100..<110))
            paused = try await consumer.next(waiting: .milliseconds(300))
            #expect(paused.isEmpty)
            try await consumer.resume([place])
            offsets += try await take(110 - offsets.count, from: consumer).map(\.position.offset)
            #expect(offsets == Array(0..<110))
            await consumer.close()
            await writer.close()
        }
    }

    @Test func `takes partitions up and lays them down`() async throws {
        try await withCluster(topics: [("t", 2)]) { _, settings in
            let writer = try await openWriter(settings)
            _ = try await writer.append(numbered(0..<3, partition: 0) + numbered(3..<6, partition: 1))
            let consumer = try KafkaConsumer(settings)
            try await consumer.assign([place: 1])
            #expect(try await take(2, from: consumer).map(text) == ["1", "2"])
            try await consumer.assign([TopicPartition("t", 1): 0])
            #expect(try await take(3, from: consumer).map(text) == ["3", "4", "5"])
            try await consumer.unassign([place])
            _ = try await writer.append(numbered(6..<7, partition: 0) + numbered(7..<8, partition: 1))
            #expect(try await take(1, from: consumer).map(text) == ["7"])
            #expect(try await consumer.next(waiting: .milliseconds(100)).isEmpty)
            await consumer.close()
            await writer.close()
        }
    }

    @Test func `refuses a topic and a partition that are not there`() async throws {
        try await withCluster { _, settings in
            let consumer = try KafkaConsumer(settings)
            let topic = await #expect(throws: KafkaError.self) {
                try await consumer.assign([TopicPartition("no", 0): 0])
            }
            #expect(topic?.logError(.read).reason == .unknownTopic("no"))
            let missing = TopicPartition("t", 9)
            let partition = await #expect(throws: KafkaError.self) { try await consumer.assign([missing: 0]) }
            #expect(partition?.logError(.read).reason == .unknownPartition(missing))
            await consumer.close()
        }
    }

    @Test func `says that its position is outside the log, and does not jump`() async throws {
        try await withCluster { _, settings in
            let writer = try await openWriter(settings)
            _ = try await writer.append(numbered(0..<3))
            let consumer = try KafkaConsumer(settings)
            try await consumer.assign([place: 50])
            var failure: KafkaError?
            for _ in 0..<20 where failure == nil {
                do throws(KafkaError) {
                    #expect(try await consumer.next(waiting: .milliseconds(200)).isEmpty)
                } catch {
                    failure = error
                }
            }
            #expect(failure?.code == .offsetReset)
            #expect(failure?.partition == 0)
            #expect(await consumer.position(of: place) == 50)
            await consumer.close()
            await writer.close()
        }
    }

    @Test func `stops waiting when it is closed or interrupted`() async throws {
        try await withCluster { _, settings in
            let consumer = try KafkaConsumer(settings)
            try await consumer.assign([place: 0])
            let waiting = Task { try await consumer.next(waiting: .seconds(30)) }
            let started = ContinuousClock.now
            try await Task.sleep(for: .milliseconds(100))
            await consumer.close()
            _ = try? await waiting.value
            #expect(ContinuousClock.now - started < .seconds(5))
            await #expect(throws: KafkaError.self) { try await consumer.next(waiting: .zero) }
        }
    }
}
