internal import Core
internal import Domain

/// A read model as docs/read-models.md tells of it.
struct ReadModel: Sendable {
    struct Table: Sendable {
        let name: String
        let key: [String]

        /// A table of steps.
        static func steps(_ name: String) -> Table { Table(name: name, key: ["log_partition", "log_offset"]) }
    }

    /// Also the name of the projection, as words about quarantined records call it.
    let name: String
    let ownership: CatalogTopic
    let inputs: [CatalogTopic]
    let wants: Set<EventType>
    let tables: [Table]
    /// Makes the judge of one partition's records.
    var judge: @Sendable (_ partition: Int32) -> any Judge = { _ in NoRefusal() }
    /// All rows of one partition, by table, from all events that were folded there, in the order of each partition.
    let rows: @Sendable (_ told: [Told], _ partition: Int32) -> [String: [NaiveRow]]

    static let all: [ReadModel] = [
        tradeDecisions, executions, executionOrderEvents, routeAttempts, discrepancies, shadowEvents, backtests,
        canaryIncidents, canaryVerdicts, strategyShadow, controlState, strategies, quarantine,
    ]

    /// The table of parked records.
    var parked: Table {
        Table(
            name: "\(name)_parked", key: ["log_partition", "source_topic", "source_partition", "source_offset"])
    }

    /// Control is read by all: operators' words about parked records lie there.
    var sources: [CatalogTopic] {
        inputs.contains(TopicCatalog.control) ? inputs : inputs + [TopicCatalog.control]
    }

    /// What the owner of one partition reads: that partition of topics laid out like the ownership topic, and the
    /// whole of others.
    func sources(of partition: Int32) -> [TopicPartition] {
        sources.flatMap { topic in
            topic.spec.partitions == ownership.spec.partitions && topic.key == ownership.key
                ? [TopicPartition(topic.name, partition)]
                : (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        }
    }

    /// Whether a record lies where its key belongs, in topics that are laid out like the ownership topic.
    func isAtHome(_ event: Event, at position: RecordPosition) -> Bool {
        guard let topic = sources.first(where: { $0.name == position.source.topic }),
            topic.spec.partitions == ownership.spec.partitions, topic.key == ownership.key, let key = event.key
        else { return true }
        return Murmur2Partitioner.partition(forKey: key, of: topic.spec.partitions) == position.source.partition
    }
}

/// Says which records a read model refuses; asked in the order they are folded, and told what was folded.
protocol Judge {
    mutating func refuses(_ told: Told) -> Bool
}

struct NoRefusal: Judge {
    mutating func refuses(_ told: Told) -> Bool { false }
}
