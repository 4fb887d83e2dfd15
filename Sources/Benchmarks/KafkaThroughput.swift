import Bus
import Core
import Kafka

/// Kafka through `Bus`, beside a bare librdkafka loop with the same headers against the same broker.
///
/// The broker is librdkafka's mock cluster in this process; it keeps about 5 MB a partition, hence the partitions.
enum KafkaThroughput {
    static let partitions: Int32 = 100
    static let batch = 10_000
    static let batches = 30
    /// How often the batches are written for reading: what opening costs must not decide the figure of a reader, and
    /// the broker must still hold them all.
    static let repeats = (bare: 3, withHeaders: 2)
    static let headers = [
        Header("ce_id", Array("8f14e45f-ceea-467a-9af0-fd1c2b2d3e4f".utf8)),
        Header("ce_type", Array("order_intent.emitted".utf8)),
        Header("ce_source", Array("torghut/commands".utf8)),
        Header("ce_time", Array("2026-09-21T14:03:07.123456789Z".utf8)),
        Header("ce_specversion", Array("1.0".utf8)),
        Header("content-type", Array("application/json".utf8)),
        Header("traceparent", Array("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".utf8)),
    ]

    static func run(into table: inout Table) async throws {
        try await contest(headers: [], "without headers", into: &table)
        try await contest(headers: headers, "with seven headers", into: &table)
    }

    private static func contest(headers: [Header], _ what: String, into table: inout Table) async throws {
        var events = Events(seed: 4)
        let appends = (0..<batches).map { _ in
            var records = events.records(batch, topic: "bench", partitions: partitions)
            for index in records.indices { records[index].headers = headers }
            return records
        }
        let count = batch * batches
        let written = try await Contest(rounds: 3) {
            let cluster = try KafkaDevCluster(brokers: 1)
            try cluster.create(topic: "bench", partitions: partitions)
            let log = try KafkaLog(KafkaSettings(bootstrap: cluster.bootstrap))
            let writer = try await log.writer(named: "bench")
            // The first transaction of a producer pays for coordinator and metadata: not what is measured here.
            try await writer.append(Append(Array(appends[0].prefix(100))))
            let start = ContinuousClock.now
            for records in appends { try await writer.append(Append(records)) }
            let time = ContinuousClock.now - start
            await log.close()
            cluster.close()
            return time
        } floor: {
            let cluster = try KafkaDevCluster(brokers: 1)
            try cluster.create(topic: "bench", partitions: partitions)
            let bare = BareProducer(cluster.bootstrap)
            bare.append(Array(appends[0].prefix(100)))
            let start = ContinuousClock.now
            for records in appends { bare.append(records) }
            let time = ContinuousClock.now - start
            bare.close()
            cluster.close()
            return time
        }
        table.add(
            Row(
                name: "Kafka write through Bus, transactions of \(Row.grouped(batch)), \(what), beside a bare loop",
                ours: Row.perSecond(count, written.ours), floor: Row.perSecond(count, written.floor),
                ratio: 1 / written.ratio, target: .atLeast(0.8)))
        let wanted = headers.isEmpty ? repeats.bare : repeats.withHeaders
        try await readContest(appends, wanted, headers: !headers.isEmpty, what, into: &table)
    }

    /// Both read the same broker, in turns.
    private static func readContest(
        _ appends: [[NewRecord]], _ repeats: Int, headers: Bool, _ what: String, into table: inout Table
    ) async throws {
        let cluster = try KafkaDevCluster(brokers: 1)
        try cluster.create(topic: "bench", partitions: partitions)
        let writer = BareProducer(cluster.bootstrap)
        for _ in 0..<repeats { for records in appends { writer.append(records) } }
        writer.close()
        let count = appends.count * batch * repeats
        let log = try KafkaLog(KafkaSettings(bootstrap: cluster.bootstrap))
        let contest = try await Contest(rounds: 9) {
            try await readAll(log, count, headers: headers)
        } floor: {
            bareRead(cluster, count, headers)
        }
        await log.close()
        cluster.close()
        table.add(
            Row(
                name: "Kafka read through Bus, \(what), beside a bare loop", ours: Row.perSecond(count, contest.ours),
                floor: Row.perSecond(count, contest.floor), ratio: 1 / contest.ratio, target: .atLeast(0.8)))
    }

    private static func readAll(_ log: KafkaLog, _ count: Int, headers: Bool) async throws -> Duration {
        let starts = (0..<partitions).map { (TopicPartition("bench", $0), ReadStart.beginning) }
        let start = ContinuousClock.now
        let reader = try await log.reader(
            from: Dictionary(uniqueKeysWithValues: starts), ReadOptions(headers: headers))
        var (read, bytes) = (0, 0)
        while read < count {
            let batch = try await reader.next(waiting: .seconds(10))
            for entry in batch.entries { bytes += batch.bytes(of: entry.value)?.byteCount ?? 0 }
            read += batch.count
        }
        let time = ContinuousClock.now - start
        precondition(bytes >= count * Events.bytes, "records came back short")
        await reader.close()
        return time
    }

    private static func bareRead(_ cluster: KafkaDevCluster, _ count: Int, _ headers: Bool) -> Duration {
        let start = ContinuousClock.now
        let bare = BareConsumer(cluster.bootstrap, "bench", partitions: partitions)
        bare.read(count, headers: headers)
        let time = ContinuousClock.now - start
        bare.close()
        return time
    }
}
