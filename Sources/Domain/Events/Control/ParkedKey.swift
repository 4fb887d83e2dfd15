public import Core

/// Which parked record, where.
public struct ParkedKey: FieldRecord {
    public var projection: Label
    public var projectionVersion: Int64
    public var sourceTopic: TopicName
    public var sourcePartition: Int64
    public var sourceOffset: Int64
    public var recordKey: Octets?

    @inlinable
    public init(
        projection: Label, projectionVersion: Int64, sourceTopic: TopicName, sourcePartition: Int64,
        sourceOffset: Int64, recordKey: Octets? = nil
    ) {
        self.projection = projection
        self.projectionVersion = projectionVersion
        self.sourceTopic = sourceTopic
        self.sourcePartition = sourcePartition
        self.sourceOffset = sourceOffset
        self.recordKey = recordKey
    }

    @inlinable
    public init(unread: Unread) {
        projection = unread()
        projectionVersion = unread()
        sourceTopic = unread()
        sourcePartition = unread()
        sourceOffset = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("projection", &projection, "The projection or role that parked it.")
        try fields.field("projection_version", &projectionVersion, "Its version.")
        try fields.field("source_topic", &sourceTopic, "The record.")
        try fields.field("source_partition", &sourcePartition, "The record.")
        try fields.field("source_offset", &sourceOffset, "The record.")
        try fields.field("record_key", &recordKey, "Its key.")
    }
}
