/// A change of the journal's state that a batch carries beside its records.
package enum Change: Equatable, Sendable {
    /// A topic is made, or its settings or number of partitions become these.
    case topicDefined(TopicDefinition)
    case topicDeleted(id: UInt32)
    /// A partition now begins and ends here and holds this much: retention moved its begin, or repair made a hole.
    case laneMoved(LaneKey, Lane)
    case positionStored(StoredPosition)
}

/// What the journal keeps of a topic, apart from its records.
package struct TopicDefinition: Equatable, Sendable {
    var id: UInt32
    var name: String
    /// Made at random on creation, so that a topic created again under its name is told apart.
    var identity: String
    var partitions: Int32
    var retentionMilliseconds: Int64?
    var retentionBytes: Int64?
    var cleanup: String
}

/// One partition's begin, next offset, and what lies between.
package struct Lane: Equatable, Sendable {
    var begin: Int64 = 0
    var next: Int64 = 0
    var records: Int64 = 0
    var bytes: Int64 = 0
}

package struct StoredPosition: Equatable, Sendable {
    struct Anchor: Equatable, Sendable {
        var offset: Int64
        var timestamp: Int64
        var hash: UInt64
    }

    var consumer: String
    var lane: LaneKey
    var next: Int64
    var anchor: Anchor?
}
