import Core
import Kafka
import Testing

@Suite(.serialized) struct `A cluster in trouble` {
    @Test func `loses nothing and repeats nothing when a broker goes down and comes back`() async throws {
        try await withCluster { cluster, settings in
            let writer = try await openWriter(settings)
            _ = try await writer.append(numbered(0..<5))
            try cluster.setBroker(1, up: false)
            let pending = Task { try await writer.append(numbered(5..<10)) }
            try await Task.sleep(for: .milliseconds(300))
            try cluster.setBroker(1, up: true)
            #expect(try await pending.value.map(\.offset) == Array(5..<10))
            let records = try await read(settings, [TopicPartition("t", 0): 0], count: 10)
            #expect(records.map(text) == (0..<10).map { "\($0)" })
            await writer.close()
        }
    }

    @Test func `keeps a reader where it was while its broker is away`() async throws {
        try await withCluster { cluster, settings in
            let writer = try await openWriter(settings)
            _ = try await writer.append(numbered(0..<5))
            let consumer = try KafkaConsumer(settings)
            try await consumer.assign([TopicPartition("t", 0): 0])
            #expect(try await take(5, from: consumer).map(text) == (0..<5).map { "\($0)" })
            try cluster.setBroker(1, up: false)
            #expect(try await consumer.next(waiting: .milliseconds(200)).isEmpty)
            try cluster.setBroker(1, up: true)
            _ = try await writer.append(numbered(5..<8))
            #expect(try await take(3, from: consumer).map(text) == ["5", "6", "7"])
            await consumer.close()
            await writer.close()
        }
    }

    @Test func `follows a leader that moves`() async throws {
        try await withCluster(brokers: 2) { cluster, settings in
            let place = TopicPartition("t", 0)
            let writer = try await openWriter(settings)
            let consumer = try KafkaConsumer(settings)
            try await consumer.assign([place: 0])
            for round in 0..<3 {
                try cluster.setLeader(of: place, to: Int32(round % 2 + 1))
                _ = try await writer.append(numbered(round * 2..<round * 2 + 2))
            }
            #expect(try await take(6, from: consumer).map(text) == (0..<6).map { "\($0)" })
            await consumer.close()
            await writer.close()
        }
    }

    @Test func `follows a coordinator that moves, of transactions and of groups`() async throws {
        try await withCluster(brokers: 2) { cluster, settings in
            let place = TopicPartition("t", 0)
            let writer = try await openWriter(settings)
            let observer = try KafkaObserver(settings)
            for round in 0..<3 {
                try cluster.setCoordinator(ofTransactions: "writer", to: Int32(round % 2 + 1))
                try cluster.setCoordinator(ofGroup: "c", to: Int32((round + 1) % 2 + 1))
                let position = ConsumerPosition(consumer: "c", source: place, next: Int64(round), anchor: nil)
                _ = try await writer.append(numbered(round..<round + 1), positions: [position])
                _ = try await observer.positions(of: "c", in: [place])
            }
            await observer.close()
            await writer.close()
        }
    }

    @Test func `gives up an append in time, aborts it, and takes the next one`() async throws {
        try await withCluster(limits: { $0.appendTimeout = .seconds(2) }) { cluster, settings in
            let writer = try await openWriter(settings)
            _ = try await writer.append(numbered(0..<1))
            try cluster.setLeader(of: TopicPartition("t", 0), to: -1)
            let error = await #expect(throws: KafkaError.self) { try await writer.append(numbered(1..<2)) }
            #expect(error?.disposition == .retry)
            #expect(error?.isOutcomeUnknown == false)
            try cluster.setLeader(of: TopicPartition("t", 0), to: 1)
            var written: [RecordPosition] = []
            for _ in 0..<10 where written.isEmpty {
                do throws(KafkaError) {
                    written = try await writer.append(numbered(2..<3))
                } catch {
                    #expect(error.disposition == .retry)
                }
            }
            #expect(written.count == 1)
            #expect(try await read(settings, [TopicPartition("t", 0): 0], count: 2).map(text) == ["0", "2"])
            await writer.close()
        }
    }

    @Test func `leaves the outcome of a commit unknown when nobody answers it, and the writer dead`() async throws {
        try await withCluster(limits: { $0.commitTimeout = .seconds(1) }) { cluster, settings in
            let writer = try await openWriter(settings)
            _ = try await writer.append(numbered(0..<1))
            try cluster.delay(.endTransaction, atBroker: 1, milliseconds: 4_000)
            let error = await #expect(throws: KafkaError.self) { try await writer.append(numbered(1..<2)) }
            #expect(error?.isOutcomeUnknown == true)
            #expect(error?.disposition == .reopen)
            await #expect(throws: KafkaError.self) { try await writer.append(numbered(2..<3)) }
            await writer.close()
        }
    }

    @Test func `takes a delivery whose answer was lost once, however often it is sent`() async throws {
        try await withCluster(limits: { $0.properties["socket.timeout.ms"] = "300" }) { cluster, settings in
            let writer = try await openWriter(settings)
            _ = try await writer.append(numbered(0..<1))
            // Done at once, answered after the client has given the connection up.
            try cluster.delay(.produce, atBroker: 1, milliseconds: 900)
            let written = try await writer.append(numbered(1..<4))
            #expect(written.count == 3)
            _ = try await writer.append(numbered(4..<5))
            // One more of our own: what came twice would lie before it.
            _ = try await writer.append(numbered(5..<6))
            let records = try await read(settings, [TopicPartition("t", 0): 0], count: 6)
            #expect(records.map(text) == (0..<6).map { "\($0)" })
            await writer.close()
        }
    }
}
