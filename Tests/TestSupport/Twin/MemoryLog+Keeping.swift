public import Bus
public import Core
internal import Threading

/// The twin can keep offsets, as the journal does.
extension MemoryLog: OffsetKeepingLog {
    public func begin(_ source: TopicPartition, at offset: Int64) async throws(LogError) {
        try locked(.restore) { (state) throws(LogError) in
            let partition = try state.partition(source, for: .restore)
            guard partition.end == 0 else { throw LogError(.restore, .refused("\(source) is not empty")) }
            state.topics[source.topic]?.partitions[Int(source.partition)] = Partition(begin: offset, end: offset)
        }
    }

    public func restore(_ records: [Record], next: [TopicPartition: Int64]) async throws(LogError) {
        try locked(.restore) { (state) throws(LogError) in
            var changed = state
            for record in records {
                var partition = try changed.partition(record.position.source, for: .restore)
                guard record.position.offset >= partition.end else {
                    throw LogError(.restore, .refused("\(record.position) lies before the end"))
                }
                partition.records.append(record)
                partition.end = record.position.offset + 1
                changed.put(partition, at: record.position.source)
            }
            for (source, end) in next {
                var partition = try changed.partition(source, for: .restore)
                guard end >= partition.end else { throw LogError(.restore, .refused("\(source) ends behind \(end)")) }
                partition.end = end
                changed.put(partition, at: source)
            }
            state = changed
        }
        arrivals.wake()
    }
}

extension MemoryLog.State {
    fileprivate mutating func put(_ partition: MemoryLog.Partition, at source: TopicPartition) {
        topics[source.topic]?.partitions[Int(source.partition)] = partition
    }
}

/// A log that gives its own offsets, as Kafka does: the twin without its gift of keeping them.
public struct RenumberingLog: EventLog {
    public let twin: MemoryLog

    public init(_ twin: MemoryLog) { self.twin = twin }

    public func describe() async throws(LogError) -> [TopicDescription] { try await twin.describe() }
    public func create(_ topics: [TopicSpec]) async throws(LogError) { try await twin.create(topics) }
    public func adjust(_ topic: TopicSpec) async throws(LogError) { try await twin.adjust(topic) }
    public func delete(_ topic: String) async throws(LogError) { try await twin.delete(topic) }
    public func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds] {
        try await twin.bounds(of: partitions)
    }
    public func writer(named name: String) async throws(LogError) -> any EventWriter {
        try await twin.writer(named: name)
    }
    public func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) async throws(LogError) -> [TopicPartition: ConsumerPosition] {
        try await twin.positions(of: consumer, in: partitions)
    }
    public func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader { try await twin.reader(from: starts, options) }
    public func join(group: String, sharing topic: String) async throws(LogError) -> any Membership {
        try await twin.join(group: group, sharing: topic)
    }
    public func close() async { await twin.close() }
}
