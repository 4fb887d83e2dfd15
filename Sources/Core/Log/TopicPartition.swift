/// One ordered lane of the log: offsets count up inside it and mean nothing outside it.
public struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let topic: String
    public let partition: Int32

    public init(_ topic: String, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    public var description: String { "\(topic)/\(partition)" }

    public static func < (left: Self, right: Self) -> Bool {
        left.topic == right.topic ? left.partition < right.partition : left.topic < right.topic
    }
}

/// The place of one record, printed as `topic/partition/offset` wherever a cause is named.
public struct RecordPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let source: TopicPartition
    public let offset: Int64

    public init(_ source: TopicPartition, _ offset: Int64) {
        self.source = source
        self.offset = offset
    }

    public var description: String { "\(source)/\(offset)" }

    public static func < (left: Self, right: Self) -> Bool {
        left.source == right.source ? left.offset < right.offset : left.source < right.source
    }
}

/// What a partition holds: the first readable offset and the one the next record will get.
public struct Bounds: Hashable, Sendable {
    public let begin: Int64
    public let end: Int64

    public init(begin: Int64, end: Int64) {
        self.begin = begin
        self.end = end
    }
}
