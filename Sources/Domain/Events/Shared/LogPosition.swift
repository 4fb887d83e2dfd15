public import Core

/// A place in the log.
public struct LogPosition: FieldRecord {
    public var topic: TopicName
    public var partition: Int64
    public var offset: Int64

    @inlinable
    public init(topic: TopicName, partition: Int64, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }

    @inlinable
    public init(unread: Unread) {
        topic = unread()
        partition = unread()
        offset = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("topic", &topic, "Topic.")
        try fields.field("partition", &partition, "Partition.")
        try fields.field("offset", &offset, "Offset: everything before it is included.")
    }
}
