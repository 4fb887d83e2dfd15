internal import CRdKafka
internal import Core

/// What a topic of ours is in Kafka.
extension KafkaAdmin {
    /// Kafka's names for what a topic is meant to be.
    ///
    /// Retention by bytes is off: a cluster's default would cut what is kept forever.
    static func configuration(of topic: TopicSpec) -> [(String, String)] {
        var settings = [
            ("retention.ms", "\(topic.retentionMilliseconds ?? -1)"), ("retention.bytes", "-1"),
            ("cleanup.policy", topic.cleanup.rawValue), ("max.message.bytes", "\(KafkaSettings.maximumMessageBytes)"),
            ("message.timestamp.type", "CreateTime"), ("compression.type", "producer"),
            // A leader that misses acknowledged records would lose them.
            ("unclean.leader.election.enable", "false"),
        ]
        if let retention = topic.retentionMilliseconds {
            // Kafka drops whole segments only, and a week is how long it fills one by itself.
            settings.append(("segment.ms", "\(max(1, min(retention / 7, 604_800_000)))"))
        }
        return settings
    }

    /// The same and, for a new topic only, how many copies an append waits for: all but one, which may be lost.
    ///
    /// Whoever runs the cluster may change that later, with the number of copies.
    static func configuration(ofNew topic: TopicSpec, replicas: Int32) -> [(String, String)] {
        configuration(of: topic) + [("min.insync.replicas", "\(max(1, replicas - 1))")]
    }

    /// Copies of each partition, where the cluster has so many brokers.
    static let replicas: Int32 = 3

    static func newTopic(_ topic: TopicSpec, replicas: Int32) -> OpaquePointer? {
        var reason = [CChar](repeating: 0, count: 256)
        let made = unsafe rd_kafka_NewTopic_new(topic.name, topic.partitions, replicas, &reason, reason.count)
        for (name, value) in configuration(ofNew: topic, replicas: replicas) {
            if let made = unsafe made { unsafe _ = rd_kafka_NewTopic_set_config(made, name, value) }
        }
        return unsafe made
    }
}
