/// What a topic is meant to be; `topics/*.yaml` say the same to the cluster, and a test compares them.
public struct TopicSpec: Hashable, Sendable {
    public enum Cleanup: String, Hashable, Sendable {
        case delete
        case compact
        case compactAndDelete = "compact,delete"
    }

    public let name: String
    public let partitions: Int32
    /// `nil` keeps records forever.
    public let retentionMilliseconds: Int64?
    public let cleanup: Cleanup

    public init(name: String, partitions: Int32, retentionMilliseconds: Int64?, cleanup: Cleanup = .delete) {
        self.name = name
        self.partitions = partitions
        self.retentionMilliseconds = retentionMilliseconds
        self.cleanup = cleanup
    }
}

/// What a topic really is, as the engine reports it.
///
/// `settings` holds Kafka's names (`retention.ms`, `cleanup.policy`, …) on both engines. `identity` changes when a
/// topic is deleted and created again under its name; an engine that cannot know says `nil`.
public struct TopicDescription: Hashable, Sendable {
    public let name: String
    public let partitions: Int32
    public let identity: String?
    public let settings: [String: String]

    public init(name: String, partitions: Int32, identity: String?, settings: [String: String]) {
        self.name = name
        self.partitions = partitions
        self.identity = identity
        self.settings = settings
    }
}
