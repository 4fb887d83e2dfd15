/// Everything a journal knows apart from its records: topics, partitions, consumers' positions.
///
/// It is a fold of the batches' directories, and each segment's `.start` file holds it as it was before the segment's
/// first batch.
package struct JournalState: Sendable, Equatable {
    struct Topic: Sendable, Equatable {
        var definition: TopicDefinition
        var lanes: [Lane]
    }

    struct PositionKey: Hashable {
        let consumer: String
        let lane: LaneKey
    }

    /// No journal has more; a file that says otherwise is damaged, and gets no memory for it.
    static let maximumPartitions = 1 << 20

    /// The sequence of the next batch.
    var sequence: UInt64 = 1
    var nextTopic: UInt32 = 1
    private(set) var topics: [UInt32: Topic] = [:]
    private(set) var names: [String: UInt32] = [:]
    private(set) var positions: [PositionKey: StoredPosition] = [:]
    private(set) var partitions = 0

    /// Why a directory cannot be true after what came before it.
    struct Contradiction: Error {
        let what: String
    }

    func lane(_ key: LaneKey) -> Lane? {
        guard let topic = topics[key.topic], key.partition >= 0, Int(key.partition) < topic.lanes.count else {
            return nil
        }
        return topic.lanes[Int(key.partition)]
    }

    /// Folds one batch.
    ///
    /// A slice may leave a gap only after batches were taken out on purpose.
    mutating func fold(sequence: UInt64, thinned: Bool, _ slices: [Slice], _ changes: [Change]) throws(Contradiction) {
        guard sequence == self.sequence || (thinned && sequence > self.sequence) else {
            throw Contradiction(what: "batch \(sequence) follows \(self.sequence &- 1)")
        }
        for change in changes { try fold(change) }
        let kept = try keptLanes(of: changes, thinned: thinned)
        for slice in slices { try fold(slice, mayLeaveGap: thinned || kept[slice.lane] != nil) }
        for lane in kept.values { try raise(lane) }
        self.sequence = sequence + 1
    }

    private mutating func fold(_ slice: Slice, mayLeaveGap: Bool) throws(Contradiction) {
        guard let lane = lane(slice.lane) else { throw Contradiction(what: "records of an unknown partition") }
        guard slice.base == lane.next || (mayLeaveGap && slice.base > lane.next) else {
            throw Contradiction(what: "offset \(slice.base) where \(lane.next) is due")
        }
        mutate(slice.lane) {
            $0.next = slice.end
            $0.records += Int64(slice.count)
            $0.bytes += Int64(slice.length)
        }
    }

    private mutating func fold(_ change: Change) throws(Contradiction) {
        switch change {
        case .topicDefined(let definition): try define(definition)
        case .topicDeleted(let id):
            guard let topic = topics.removeValue(forKey: id) else { throw Contradiction(what: "unknown topic deleted") }
            names[topic.definition.name] = nil
            partitions -= topic.lanes.count
            positions = positions.filter { $0.key.lane.topic != id }
        case .laneMoved(let key, let moved):
            guard lane(key) != nil else { throw Contradiction(what: "an unknown partition moved") }
            mutate(key) { $0 = moved }
        case .positionStored(let position):
            positions[PositionKey(consumer: position.consumer, lane: position.lane)] = position
        case .offsetsKept: return
        }
    }

    /// The partitions whose offsets a batch gives, which must end where the batch found them.
    private func keptLanes(of changes: [Change], thinned: Bool) throws(Contradiction) -> [LaneKey: KeptLane] {
        var kept: [LaneKey: KeptLane] = [:]
        for case .offsetsKept(let lanes) in changes {
            for lane in lanes {
                guard let known = self.lane(lane.lane) else {
                    throw Contradiction(what: "an unknown partition was kept")
                }
                guard known.next == lane.from || thinned else {
                    throw Contradiction(what: "offset \(lane.from) where \(known.next) is due")
                }
                kept[lane.lane] = lane
            }
        }
        return kept
    }

    private mutating func raise(_ kept: KeptLane) throws(Contradiction) {
        guard let lane = lane(kept.lane), lane.next <= kept.next else {
            throw Contradiction(what: "records beyond the end of their batch")
        }
        mutate(kept.lane) { $0.next = kept.next }
    }

    /// Puts back what a `.start` file says.
    mutating func restore(_ definition: TopicDefinition) throws(Contradiction) { try define(definition) }
    mutating func restore(_ position: StoredPosition) {
        positions[PositionKey(consumer: position.consumer, lane: position.lane)] = position
    }

    private mutating func define(_ definition: TopicDefinition) throws(Contradiction) {
        if let known = topics[definition.id] {
            guard known.definition.name == definition.name, known.lanes.count <= Int(definition.partitions) else {
                throw Contradiction(what: "a topic lost its name or partitions")
            }
        } else {
            guard names[definition.name] == nil else { throw Contradiction(what: "a topic was created twice") }
            topics[definition.id] = Topic(definition: definition, lanes: [])
            names[definition.name] = definition.id
            nextTopic = max(nextTopic, definition.id &+ 1)
        }
        let missing = Int(definition.partitions) - (topics[definition.id]?.lanes.count ?? 0)
        guard partitions + missing <= Self.maximumPartitions else {
            throw Contradiction(what: "more partitions than a journal can have")
        }
        topics[definition.id]?.definition = definition
        topics[definition.id]?.lanes.append(contentsOf: repeatElement(Lane(), count: missing))
        partitions += missing
    }

    mutating func mutate(_ key: LaneKey, _ body: (inout Lane) -> Void) {
        guard var lane = lane(key) else { return }
        body(&lane)
        topics[key.topic]?.lanes[Int(key.partition)] = lane
    }
}
