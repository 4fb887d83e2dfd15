public import Core

/// A partition by its topic and number.
public struct PartitionName: Sendable, Hashable, CustomStringConvertible {
    public let topic: TopicName
    public let partition: Int64

    public init(_ topic: TopicName, _ partition: Int64) {
        self.topic = topic
        self.partition = partition
    }

    public var description: String { "\(topic.text)/\(partition)" }
}

/// One partition as one role reads it: who has it, since when, and how far he is.
public struct PartitionStanding: Sendable, Equatable {
    public let role: RoleName
    public let partition: PartitionName
    public let owner: ProcessName
    public let ownedSince: Timestamp
    /// As the owner is judged: a partition is as well as he.
    public let state: RoleState
    public let position: Int64
    public let end: Int64?
    public let lastEventTime: Timestamp?
    let seenAt: Timestamp

    init(_ standing: RoleStanding, _ progress: PartitionProgress, ownedSince: Timestamp) {
        role = standing.role
        partition = PartitionName(progress.topic, progress.partition)
        owner = standing.process
        self.ownedSince = ownedSince
        state = standing.state
        position = progress.position
        end = progress.endOffset
        lastEventTime = progress.lastEventTime
        seenAt = standing.seenAt
    }

    /// How many records lie before it; `nil` where the end is not known.
    public var lag: Int64? { end.map { max(0, $0 - position) } }

    /// Who is silent goes after who is not, and who had it before after who has it now.
    func isOlder(than other: Self) -> Bool {
        let (own, others) = (state == .unknown, other.state == .unknown)
        return own == others ? ownedSince < other.ownedSince : own
    }
}
