public import Core

extension Journal {
    /// Makes all of these topics, or none when one cannot be.
    public func create(_ topics: [TopicSpec]) async throws(LogError) {
        try await core.create(topics)
    }

    /// Changes retention and cleanup, and adds partitions; never takes partitions away.
    public func adjust(_ topic: TopicSpec) async throws(LogError) {
        try await core.adjust(topic)
    }

    /// Keeps at most this many bytes in each partition of a topic; `nil` sets no limit.
    public func keep(atMost bytes: Int64?, of topic: String) async throws(LogError) {
        try await core.change(.adjust) { (state) throws(LogError) in
            guard let id = state.names[topic], var changed = state.topics[id]?.definition else {
                throw LogError(.adjust, .unknownTopic(topic))
            }
            if let bytes, bytes < 0 {
                throw LogError(.adjust, .refused("topic '\(topic)' cannot keep \(bytes) bytes"))
            }
            changed.retentionBytes = bytes
            return [.topicDefined(changed)]
        }
    }

    /// Removes a topic and the positions of its consumers.
    ///
    /// Created again, it begins at offset 0 as another topic.
    public func delete(_ topic: String) async throws(LogError) {
        try await core.delete(topic)
    }
}

extension JournalCore {
    func adjust(_ topic: TopicSpec) async throws(LogError) {
        let settings = settings
        try await change(.adjust) { (state) throws(LogError) in
            try Self.check(topic)
            guard let id = state.names[topic.name], let known = state.topics[id]?.definition else {
                throw LogError(.adjust, .unknownTopic(topic.name))
            }
            let partitions = state.partitions - Int(known.partitions) + Int(topic.partitions)
            try Self.within("maximumPartitions", settings.maximumPartitions, partitions)
            guard topic.partitions >= known.partitions else {
                let has = known.partitions
                throw LogError(
                    .adjust, .refused("topic '\(topic.name)' has \(has) partitions; they are never taken away"))
            }
            var changed = known
            changed.partitions = topic.partitions
            changed.retentionMilliseconds = topic.retentionMilliseconds
            changed.cleanup = topic.cleanup.rawValue
            return changed == known ? [] : [.topicDefined(changed)]
        }
    }

    func delete(_ topic: String) async throws(LogError) {
        try await change(.delete) { (state) throws(LogError) in
            guard let id = state.names[topic] else { throw LogError(.delete, .unknownTopic(topic)) }
            return [.topicDeleted(id: id)]
        }
    }

    func create(_ topics: [TopicSpec]) async throws(LogError) {
        let settings = settings
        try await change(.create) { (state) throws(LogError) in
            var changes: [Change] = []
            var names = Set<String>()
            var partitions = state.partitions
            for (index, topic) in topics.enumerated() {
                try Self.check(topic)
                guard state.names[topic.name] == nil, names.insert(topic.name).inserted else {
                    throw LogError(.create, .refused("topic '\(topic.name)' exists already"))
                }
                partitions += Int(topic.partitions)
                let definition = TopicDefinition(
                    id: state.nextTopic + UInt32(index), name: topic.name, identity: RandomName.make(),
                    partitions: topic.partitions, retentionMilliseconds: topic.retentionMilliseconds,
                    retentionBytes: nil, cleanup: topic.cleanup.rawValue)
                changes.append(.topicDefined(definition))
            }
            try Self.within("maximumTopics", settings.maximumTopics, state.topics.count + topics.count)
            try Self.within("maximumPartitions", settings.maximumPartitions, partitions)
            return changes
        }
    }

    private static func check(_ topic: TopicSpec) throws(LogError) {
        try within("maximumTopicNameBytes", LogLimits.maximumTopicNameBytes, topic.name.utf8.count)
        guard !topic.name.isEmpty else { throw LogError(.create, .refused("a topic needs a name")) }
        guard topic.partitions > 0 else {
            throw LogError(.create, .refused("topic '\(topic.name)' needs at least one partition"))
        }
        if let age = topic.retentionMilliseconds, age < 0 {
            throw LogError(.create, .refused("topic '\(topic.name)' cannot keep records for \(age) ms"))
        }
    }

    private static func within(_ name: String, _ allowed: Int, _ actual: Int) throws(LogError) {
        guard actual <= allowed else {
            throw LogError(.create, .limitExceeded(name: name, allowed: allowed, actual: actual))
        }
    }
}
