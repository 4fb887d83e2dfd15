import Core
import Kafka
import Synchronization
import Testing

@Suite(.serialized) struct `What a cluster says of itself` {
    private let place = TopicPartition("t", 0)

    @Test func `is the bounds of partitions, and a reader that reaches the end stops there`() async throws {
        try await withCluster(topics: [("t", 2)]) { _, settings in
            let writer = try await openWriter(settings)
            _ = try await writer.append(numbered(0..<7))
            let observer = try KafkaObserver(settings)
            let both = [place, TopicPartition("t", 1)]
            let bounds = try await observer.bounds(of: both)
            #expect(bounds == [both[0]: Bounds(begin: 0, end: 7), both[1]: Bounds(begin: 0, end: 0)])
            let consumer = try KafkaConsumer(settings)
            try await consumer.assign([place: 0])
            while try #require(await consumer.position(of: place)) < 7 {
                _ = try await consumer.next(waiting: .seconds(5))
            }
            await consumer.close()
            await observer.close()
            await writer.close()
        }
    }

    /// The mock takes the positions of a transaction and does not keep them; those of the real cluster are tested
    /// there.
    ///
    /// What any other client commits, it keeps.
    @Test func `is what a group never stored: nothing, also after appends of positions alone`() async throws {
        try await withCluster(topics: [("t", 3)]) { _, settings in
            let writer = try await openWriter(settings)
            let anchor = Anchor(offset: 41, timestamp: 1_700_000_000_000, hash: 0xFFEE_DDCC_BBAA_9988)
            let first = ConsumerPosition(consumer: "c", source: place, next: 42, anchor: anchor)
            let other = ConsumerPosition(consumer: "d", source: place, next: 3, anchor: nil)
            _ = try await writer.append(numbered(0..<1), positions: [first, other])
            #expect(try await writer.append([], positions: [other]).isEmpty)
            let observer = try KafkaObserver(settings)
            let all = (0..<3).map { TopicPartition("t", $0) }
            #expect(try await observer.positions(of: "nobody", in: all).isEmpty)
            await observer.close()
            await writer.close()
        }
    }

    @Test func `is asked again when the coordinator of a group has moved`() async throws {
        try await withCluster { cluster, settings in
            let observer = try KafkaObserver(settings)
            try cluster.push([.notCoordinator, .notCoordinator], to: .offsetFetch)
            #expect(try await observer.positions(of: "c", in: [place]).isEmpty)
            await observer.close()
        }
    }

    @Test func `is asked again of a leader that has not heard of the topic yet, a few times`() async throws {
        try await withCluster { cluster, settings in
            let observer = try KafkaObserver(settings)
            try cluster.push([.unknownTopicOrPartition, .unknownTopicOrPartition], to: .listOffsets)
            #expect(try await observer.bounds(of: [place]) == [place: Bounds(begin: 0, end: 0)])
            try cluster.push(Array(repeating: .unknownTopicOrPartition, count: 1_000), to: .listOffsets)
            let error = await #expect(throws: KafkaError.self) { try await observer.bounds(of: [place]) }
            #expect(error?.logError(.position).reason == .unknownTopic("t"))
            await observer.close()
        }
    }

    @Test func `is that a topic or partition is not there`() async throws {
        try await withCluster { _, settings in
            let observer = try KafkaObserver(settings)
            let topic = await #expect(throws: KafkaError.self) {
                try await observer.bounds(of: [TopicPartition("no", 0)])
            }
            #expect(topic?.logError(.position).reason == .unknownTopic("no"))
            let missing = TopicPartition("t", 1)
            let partition = await #expect(throws: KafkaError.self) { try await observer.bounds(of: [missing]) }
            #expect(partition?.logError(.position).reason == .unknownPartition(missing))
            await observer.close()
        }
    }

    @Test func `comes as statistics and log lines to whoever asked for them`() async throws {
        let seen = Mutex((statistics: 0, lines: 0))
        try await withCluster(limits: { settings in
            settings.statisticsInterval = .milliseconds(20)
            settings.statistics = { report in
                if report.json.hasPrefix("{"), !report.client.isEmpty { seen.withLock { $0.statistics += 1 } }
            }
            settings.properties["debug"] = "broker"
            settings.log = { _ in seen.withLock { $0.lines += 1 } }
        }) { _, settings in
            let writer = try await openWriter(settings)
            let end = ContinuousClock.now + .seconds(5)
            while seen.withLock({ $0.statistics }) == 0, ContinuousClock.now < end {
                await writer.serve()
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(await writer.latestStatistics?.contains("\"brokers\"") == true)
            await writer.close()
        }
        #expect(seen.withLock { $0.statistics > 0 && $0.lines > 0 })
    }
}
