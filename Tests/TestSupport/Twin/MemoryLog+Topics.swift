public import Core

extension MemoryLog {
    public func describe() async throws(LogError) -> [TopicDescription] {
        try locked(.describe) { (state) throws(LogError) in
            state.topics.values.map {
                TopicDescription(
                    name: $0.spec.name, partitions: Int32($0.partitions.count), identity: $0.identity,
                    settings: [
                        "retention.ms": String($0.spec.retentionMilliseconds ?? -1),
                        "cleanup.policy": $0.spec.cleanup.rawValue,
                    ])
            }.sorted { $0.name < $1.name }
        }
    }

    public func create(_ topics: [TopicSpec]) async throws(LogError) {
        try locked(.create) { (state) throws(LogError) in
            for spec in topics where state.topics[spec.name] != nil {
                throw LogError(.create, .refused("topic '\(spec.name)' exists already"))
            }
            for spec in topics {
                state.created += 1
                state.topics[spec.name] = Topic(
                    spec: spec, identity: "topic-\(state.created)",
                    partitions: Array(repeating: Partition(), count: Int(spec.partitions)))
            }
        }
    }

    public func adjust(_ topic: TopicSpec) async throws(LogError) {
        try locked(.adjust) { (state) throws(LogError) in
            guard let found = state.topics[topic.name] else { throw LogError(.adjust, .unknownTopic(topic.name)) }
            let missing = Int(topic.partitions) - found.partitions.count
            guard missing >= 0 else {
                throw LogError(.adjust, .refused("topic '\(topic.name)' cannot lose partitions"))
            }
            state.topics[topic.name]?.spec = topic
            state.topics[topic.name]?.partitions += Array(repeating: Partition(), count: missing)
        }
    }

    public func delete(_ topic: String) async throws(LogError) {
        try locked(.delete) { (state) throws(LogError) in
            guard state.topics.removeValue(forKey: topic) != nil else {
                throw LogError(.delete, .unknownTopic(topic))
            }
        }
    }
}
