import Bus
import Core

extension MemoryLog.State {
    func partition(
        _ source: TopicPartition, for operation: LogError.Operation
    ) throws(LogError) -> MemoryLog.Partition {
        guard let topic = topics[source.topic] else { throw LogError(operation, .unknownTopic(source.topic)) }
        guard topic.partitions.indices.contains(Int(source.partition)) else {
            throw LogError(operation, .unknownPartition(source))
        }
        return topic.partitions[Int(source.partition)]
    }

    /// Gives the record its partition and offset; the caller throws the whole state away when one is refused.
    mutating func add(_ record: NewRecord, at now: Int64) throws(LogError) -> RecordPosition {
        guard let topic = topics[record.topic] else { throw LogError(.append, .unknownTopic(record.topic)) }
        let count = Int32(topic.partitions.count)
        var generator = SplitMix64(seed: UInt64(topic.partitions.reduce(0) { $0 + $1.records.count }))
        let chosen = record.partition ?? Murmur2Partitioner.partition(forKey: record.key, of: count, using: &generator)
        let source = TopicPartition(record.topic, chosen)
        let position = RecordPosition(source, try partition(source, for: .append).end)
        topics[record.topic]?.partitions[Int(chosen)].end += 1
        topics[record.topic]?.partitions[Int(chosen)].records.append(
            Record(
                position: position, timestamp: record.timestamp ?? now, key: record.key, value: record.value,
                headers: record.headers))
        return position
    }

    /// Leaves a hole, as a transaction marker does.
    mutating func skip(_ source: TopicPartition) {
        topics[source.topic]?.partitions[Int(source.partition)].end += 1
    }
}
