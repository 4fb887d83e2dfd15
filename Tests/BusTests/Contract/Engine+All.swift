import Bus
import Core
import Kafka
import Synchronization
import TestSupport

extension Engine {
    /// Every engine of this run; a real cluster joins when the environment names one.
    static let all: [Engine] =
        [memory, memoryWithHoles, journal, journalFromOutside, mockCluster] + (realCluster.map { [$0] } ?? [])

    static let memory = Engine(name: "twin", cannotShow: []) { scene(of: MemoryLog()) }

    static let memoryWithHoles = Engine(name: "twin with holes", cannotShow: []) { scene(of: MemoryLog(holes: true)) }

    /// The journal in a folder of its own.
    static let journal = Engine(name: "journal", cannotShow: []) {
        let folder = TemporaryFolder()
        let log = JournalLog("\(folder.path)/journal")
        return Scene(log: log, name: "journal", create: { try await log.create($0) }, end: { _ = folder })
    }

    /// The journal as a second writer sees it: another holds the lock, and takes the appends over its socket.
    ///
    /// Only the holder shares out partitions: one process runs all roles of a journal.
    static let journalFromOutside = Engine(
        name: "journal, held by another", cannotShow: [.`a group shares the partitions of a topic`]
    ) {
        let folder = TemporaryFolder()
        let holder = JournalLog("\(folder.path)/journal")
        _ = try await holder.hold()
        let log = JournalLog("\(folder.path)/journal")
        return Scene(
            log: log, name: "journal", create: { try await log.create($0) },
            end: {
                await holder.close()
                _ = folder
            })
    }

    /// librdkafka's mock cluster over TCP.
    ///
    /// It answers no admin requests, keeps what was aborted, fences nobody, and takes the offsets of a transaction
    /// without storing them.
    static let mockCluster = Engine(name: "Kafka's mock cluster", cannotShow: Sentence.needingACluster) {
        let cluster = try KafkaDevCluster(brokers: 1)
        var settings = KafkaSettings(bootstrap: cluster.bootstrap)
        // The mock lets a second round of joining wait for a whole session, where a broker waits for the members.
        settings.properties = [
            "session.timeout.ms": "4000", "heartbeat.interval.ms": "100", "max.poll.interval.ms": "4000",
        ]
        let log = try KafkaLog(settings)
        return Scene(
            log: log, name: uniqueName(),
            create: { specs in for spec in specs { try cluster.create(topic: spec.name, partitions: spec.partitions) }
            },
            keepAway: { try cluster.setError(ofTopic: $0, to: .unknownTopicOrPartition) }, end: { cluster.close() })
    }

    /// `TORGHUT_TEST_KAFKA=HOST:PORT[,…]`, with security settings in `TORGHUT_TEST_KAFKA_PROPS`.
    static let realCluster: Engine? = {
        guard let bootstrap = RealCluster.address else { return nil }
        return Engine(name: "Kafka at \(bootstrap)", cannotShow: []) {
            let settings = try RealCluster.settings()
            let log = try KafkaLog(settings)
            let name = uniqueName()
            return Scene(
                log: log, name: name, create: { try await log.create($0) },
                abort: { append in
                    let producer = try KafkaProducer(settings, transactionalID: "\(name).aborting")
                    try await producer.initialize()
                    try await producer.discard(append.records)
                    await producer.close()
                }, end: { try await cleanUp(name, settings) })
        }
    }()

    private static func scene(of log: MemoryLog) -> Scene {
        Scene(log: log, name: "twin", create: { try await log.create($0) }, end: {})
    }

    /// A name no earlier run has left on a shared cluster.
    private static func uniqueName() -> String {
        "torghut-test-\(UInt64.random(in: 0...UInt64.max))"
    }

    private static func cleanUp(_ name: String, _ settings: KafkaSettings) async throws {
        let log = try KafkaLog(settings)
        for topic in try await log.describe() where topic.name.hasPrefix(name) { try await log.delete(topic.name) }
        await log.close()
        for group in ["\(name).fold", "\(name).group"] { try await RealCluster.remove(group: group) }
    }
}
