/// The record a reader last believed, so that another record in its place is noticed.
public struct Anchor: Hashable, Sendable {
    public let offset: Int64
    public let timestamp: Int64
    public let hash: UInt64

    public init(offset: Int64, timestamp: Int64, hash: UInt64) {
        self.offset = offset
        self.timestamp = timestamp
        self.hash = hash
    }
}

/// Where a named consumer goes on in one partition: at `next`, provided `anchor` is still what it was.
///
/// The anchor is the last record consumed, which may lie further back than `next - 1`: offsets have holes.
public struct ConsumerPosition: Hashable, Sendable {
    public let consumer: String
    public let source: TopicPartition
    public let next: Int64
    public let anchor: Anchor?

    public init(consumer: String, source: TopicPartition, next: Int64, anchor: Anchor?) {
        self.consumer = consumer
        self.source = source
        self.next = next
        self.anchor = anchor
    }
}
