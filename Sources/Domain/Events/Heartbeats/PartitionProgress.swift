public import Core

/// Where a role is in a partition.
public struct PartitionProgress: FieldRecord {
    public var topic: TopicName
    public var partition: Int64
    public var position: Int64
    public var endOffset: Int64?
    public var lastEventTime: Timestamp?

    @inlinable
    public init(
        topic: TopicName, partition: Int64, position: Int64, endOffset: Int64? = nil, lastEventTime: Timestamp? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.position = position
        self.endOffset = endOffset
        self.lastEventTime = lastEventTime
    }

    @inlinable
    public init(unread: Unread) {
        topic = unread()
        partition = unread()
        position = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("topic", &topic, "Topic.")
        try fields.field("partition", &partition, "Partition.")
        try fields.field("position", &position, "The next offset it will read.")
        try fields.field("end_offset", &endOffset, "The end it knows of.")
        try fields.field("last_event_ts", &lastEventTime, "The time of the last event it took.")
    }
}
