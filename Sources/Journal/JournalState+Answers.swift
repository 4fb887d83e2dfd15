public import Core
internal import Synchronization

/// One partition in numbers, from the state and not from a scan.
public struct PartitionStats: Hashable, Sendable {
    public let source: TopicPartition
    public let begin: Int64
    public let end: Int64
    public let records: Int64
    /// Bytes of its records before compression.
    public let bytes: Int64
}

/// What can be asked without reading records.
extension JournalState {
    func describe() -> [TopicDescription] {
        topics.values.map { topic in
            let definition = topic.definition
            let settings = [
                "retention.ms": String(definition.retentionMilliseconds ?? -1),
                "retention.bytes": String(definition.retentionBytes ?? -1),
                "cleanup.policy": definition.cleanup,
            ]
            return TopicDescription(
                name: definition.name, partitions: definition.partitions, identity: definition.identity,
                settings: settings)
        }.sorted { $0.name < $1.name }
    }

    func key(of source: TopicPartition, _ operation: LogError.Operation) throws(LogError) -> (LaneKey, Lane) {
        guard let topic = names[source.topic] else { throw LogError(operation, .unknownTopic(source.topic)) }
        let key = LaneKey(topic: topic, partition: source.partition)
        guard let lane = lane(key) else { throw LogError(operation, .unknownPartition(source)) }
        return (key, lane)
    }

    func bounds(of partitions: [TopicPartition]) throws(LogError) -> [TopicPartition: Bounds] {
        var bounds: [TopicPartition: Bounds] = [:]
        for source in partitions {
            let lane = try key(of: source, .describe).1
            bounds[source] = Bounds(begin: lane.begin, end: lane.next)
        }
        return bounds
    }

    func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) throws(LogError) -> [TopicPartition: ConsumerPosition] {
        var found: [TopicPartition: ConsumerPosition] = [:]
        for source in partitions {
            let key = try key(of: source, .position).0
            guard let stored = positions[PositionKey(consumer: consumer, lane: key)] else { continue }
            let anchor = stored.anchor.map { Anchor(offset: $0.offset, timestamp: $0.timestamp, hash: $0.hash) }
            found[source] = ConsumerPosition(consumer: consumer, source: source, next: stored.next, anchor: anchor)
        }
        return found
    }

    func stats() -> [PartitionStats] {
        topics.values.flatMap { topic in
            topic.lanes.enumerated().map { partition, lane in
                PartitionStats(
                    source: TopicPartition(topic.definition.name, Int32(partition)), begin: lane.begin, end: lane.next,
                    records: lane.records, bytes: lane.bytes)
            }
        }.sorted { $0.source < $1.source }
    }
}

extension Journal {
    var state: JournalState { core.published.withLock { $0 } }

    public func describe() -> [TopicDescription] { state.describe() }

    /// First and next offset of each partition asked for, as far as they are durable.
    public func bounds(of partitions: [TopicPartition]) throws(LogError) -> [TopicPartition: Bounds] {
        try state.bounds(of: partitions)
    }

    /// Where a consumer's last durable append left it; a partition it never wrote is absent.
    public func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) throws(LogError) -> [TopicPartition: ConsumerPosition] {
        try state.positions(of: consumer, in: partitions)
    }

    public func stats() -> [PartitionStats] { state.stats() }
}

/// A look at a journal from outside, as it was when it was taken: also while another process writes it.
public struct JournalView: Sendable {
    public let path: String
    public let identity: String
    private let state: JournalState

    public static func take(_ path: String) async throws(LogError) -> JournalView {
        try await take(path, on: SystemFiles())
    }

    package static func take(_ path: String, on layer: any FileLayer) async throws(LogError) -> JournalView {
        try await DiskWork().run { () throws(LogError) in
            let picture = try Recovery(layer: layer, folder: JournalFolder(path: path)).readable()
            return JournalView(path: path, identity: picture.identity.id, state: picture.state)
        }
    }

    public func describe() -> [TopicDescription] { state.describe() }

    public func bounds(of partitions: [TopicPartition]) throws(LogError) -> [TopicPartition: Bounds] {
        try state.bounds(of: partitions)
    }

    public func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) throws(LogError) -> [TopicPartition: ConsumerPosition] {
        try state.positions(of: consumer, in: partitions)
    }

    public func stats() -> [PartitionStats] { state.stats() }
}
