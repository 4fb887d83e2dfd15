public import Core

/// A topic as the house wants it: its specification, what its records are keyed by, and what the cluster is told.
public struct CatalogTopic: Hashable, Sendable {
    /// What orders a topic's records: those of one key keep their order.
    public enum Key: String, Hashable, Sendable {
        case symbol
        case accountLabel = "account_label"
        case strategy = "strategy_id"
        case backtest = "backtest_id"
        /// One constant key, so that all records are in one order.
        case canary
        /// `global`, `lane:X`, `adapter:X`, `symbol:X`, `intent:ID`, `strategy:ID`, `record:TOPIC/P/O`.
        case scope
        /// The key of the record that was parked.
        case source
        case processAndRole = "process/role"
    }

    public let spec: TopicSpec
    public let key: Key

    public init(_ spec: TopicSpec, key: Key) {
        self.spec = spec
        self.key = key
    }

    public var name: String { spec.name }

    /// Feeds a read model: kept whole, and its partitions can never be raised, since keys would move.
    public var isKeptForever: Bool { spec.retentionMilliseconds == nil }

    /// Copies of each partition.
    ///
    /// One may be lost while appends go on.
    public static let replicas: Int32 = 3

    /// Room in a Kafka record batch for the largest record the log takes, its framing included.
    public static let maximumMessageBytes = LogLimits.maximumRecordBytes + (64 << 10)

    /// The settings of the topic on a Kafka cluster, sorted by name.
    public var settings: [(name: String, value: String)] {
        var settings = [
            ("cleanup.policy", spec.cleanup.rawValue),
            ("compression.type", "producer"),
            ("max.message.bytes", String(Self.maximumMessageBytes)),
            // A record carries the time of its append and keeps it when it is restored from an archive.
            ("message.timestamp.type", "CreateTime"),
            ("min.insync.replicas", String(Self.replicas - 1)),
            ("retention.bytes", "-1"),
            ("retention.ms", String(spec.retentionMilliseconds ?? -1)),
        ]
        if let segment = segmentMilliseconds { settings.append(("segment.ms", String(segment))) }
        // A leader that misses acknowledged records would lose them.
        settings.append(("unclean.leader.election.enable", "false"))
        return settings
    }

    /// Kafka drops whole segments only, so a segment covers a seventh of the retention at most.
    public var segmentMilliseconds: Int64? { spec.retentionMilliseconds.map { $0 / 7 } }
}
