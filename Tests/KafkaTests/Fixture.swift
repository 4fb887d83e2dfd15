import Core
import Kafka

/// A mock cluster with one topic, ended with the test; `limits` shortens waits where a test runs into them.
func withCluster<Answer>(
    brokers: Int = 1, topics: [(String, Int32)] = [("t", 1)], limits: (inout KafkaSettings) -> Void = { _ in },
    _ body: (KafkaDevCluster, KafkaSettings) async throws -> Answer
) async throws -> Answer {
    let cluster = try KafkaDevCluster(brokers: brokers)
    defer { cluster.close() }
    for (name, partitions) in topics {
        try cluster.create(topic: name, partitions: partitions, replicas: Int32(brokers))
    }
    var settings = KafkaSettings(bootstrap: cluster.bootstrap)
    // The mock answers an empty fetch only when its wait has run out.
    settings.properties = ["fetch.wait.max.ms": "20", "fetch.error.backoff.ms": "20"]
    limits(&settings)
    return try await body(cluster, settings)
}

/// A writer that owns its name already.
func openWriter(_ settings: KafkaSettings, _ name: String = "writer") async throws -> KafkaProducer {
    let producer = try KafkaProducer(settings, transactionalID: name)
    try await producer.initialize()
    return producer
}

/// Reads until this many records came or the time is up.
func read(
    _ settings: KafkaSettings, _ starts: [TopicPartition: Int64], count: Int
) async throws -> [Record] {
    let consumer = try KafkaConsumer(settings)
    try await consumer.assign(starts)
    let records = try await take(count, from: consumer)
    await consumer.close()
    return records
}

func take(_ count: Int, from consumer: KafkaConsumer, within limit: Duration = .seconds(15)) async throws -> [Record] {
    var found: [Record] = []
    let end = ContinuousClock.now + limit
    while found.count < count, ContinuousClock.now < end {
        let batch = try await consumer.next(waiting: .milliseconds(200))
        for index in 0..<batch.count { found.append(batch.record(at: index)) }
    }
    return found
}

func text(_ record: Record) -> String { String(decoding: record.value ?? [], as: UTF8.self) }

func numbered(_ range: Range<Int>, topic: String = "t", partition: Int32? = 0) -> [NewRecord] {
    range.map { NewRecord(topic: topic, partition: partition, value: Array("\($0)".utf8)) }
}
