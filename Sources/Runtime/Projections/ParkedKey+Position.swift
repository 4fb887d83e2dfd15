public import Core
public import Domain

extension ParkedKey {
    /// A key that is too long to be carried is left out: the position says which record it is.
    public init(
        _ position: RecordPosition, key: [UInt8]?, projection: String, version: Int
    ) throws {
        self.init(
            projection: try Label(projection), projectionVersion: Int64(version),
            sourceTopic: try TopicName(position.source.topic), sourcePartition: Int64(position.source.partition),
            sourceOffset: position.offset,
            recordKey: try key.flatMap { $0.count <= Self.maximumKeyBytes ? try Octets($0) : nil })
    }

    /// Of a record and its parked bytes together one event has to hold.
    private static let maximumKeyBytes = 1_024
}
