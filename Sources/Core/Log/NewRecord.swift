/// A named value beside the record, in the order it was given; names may repeat.
public struct Header: Hashable, Sendable {
    public let name: String
    public let value: [UInt8]?

    public init(_ name: String, _ value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}

/// A record that has no offset yet.
///
/// Without a partition the key chooses one (`murmur2_random`, as Java's clients do). Without a timestamp the
/// engine stamps the moment of the append; it counts milliseconds since 1970, because Kafka keeps no more.
public struct NewRecord: Hashable, Sendable {
    public var topic: String
    public var partition: Int32?
    public var key: [UInt8]?
    public var value: [UInt8]?
    public var headers: [Header]
    public var timestamp: Int64?

    public init(
        topic: String, partition: Int32? = nil, key: [UInt8]? = nil, value: [UInt8]?, headers: [Header] = [],
        timestamp: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestamp = timestamp
    }
}

/// What one append writes: all of it becomes durable, or none of it.
public struct Append: Sendable {
    public var records: [NewRecord]
    public var positions: [ConsumerPosition]

    public init(_ records: [NewRecord], positions: [ConsumerPosition] = []) {
        self.records = records
        self.positions = positions
    }
}
