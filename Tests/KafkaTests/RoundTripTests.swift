import Core
import Kafka
import Testing

@Suite struct `A record through Kafka` {
    @Test func `comes back as it went in, with key, headers, nulls and timestamp`() async throws {
        let cluster = try KafkaDevCluster()
        defer { cluster.close() }
        try cluster.create(topic: "t", partitions: 2)
        let settings = KafkaSettings(bootstrap: cluster.bootstrap)
        let producer = try KafkaProducer(settings, transactionalID: "writer")
        try await producer.initialize()
        let records = [
            NewRecord(
                topic: "t", partition: 1, key: [1, 2], value: [3],
                headers: [Header("a", [9]), Header("a", nil), Header("", [])],
                timestamp: 1_700_000_000_123),
            NewRecord(topic: "t", partition: 1, key: nil, value: nil),
            NewRecord(topic: "t", partition: 1, key: [], value: []),
        ]
        let positions = try await producer.append(records)
        #expect(positions == (0..<3).map { RecordPosition(TopicPartition("t", 1), $0) })

        let consumer = try KafkaConsumer(settings)
        try await consumer.assign([TopicPartition("t", 1): 0])
        var found: [Record] = []
        while found.count < 3 {
            let batch = try await consumer.next(waiting: .seconds(5))
            for index in 0..<batch.count { found.append(batch.record(at: index)) }
        }
        for (sent, read) in zip(records, found) {
            #expect(sent.key == read.key)
            #expect(sent.value == read.value)
            #expect(sent.headers == read.headers)
            if let timestamp = sent.timestamp { #expect(read.timestamp == timestamp) }
        }
        await consumer.close()
        await producer.close()
    }
}
