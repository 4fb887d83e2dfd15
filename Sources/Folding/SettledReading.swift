public import Core
public import Domain

/// Which records of a reading are still unreadable, after everything that operators said on control of those.
///
/// Whoever asks what the log says takes an operator's word as those do who act on it: a record that was skipped is in
/// nobody's way any more, and one that was patched is folded as it was given. Control has to be among what is read.
public struct SettledReading: Sendable {
    /// What has to be wanted of control, besides what the fold wants.
    public static let words: Set<EventType> = [.control(.quarantineSkipped), .control(.quarantinePatched)]
    /// Further ones are only counted, and no word settles those.
    public static let maximum = 4_096

    private let types: Set<EventType>
    private var open: [UnreadPlace: String] = [:]
    /// How many more of a topic there are, and which was the last.
    private var overflow: [String: (count: Int, last: UnreadPlace)] = [:]

    /// The types that a patch may be of.
    public init(wanting types: Set<EventType>) { self.types = types }

    /// Notes what cannot be read; answers what is to be folded in an earlier record's place, and where that is.
    public mutating func settle(
        _ content: FollowedRecord<Event>.Content
    ) -> (event: Event, place: RecordPosition)? {
        switch content {
        case .unreadable(let fault):
            note(UnreadPlace(fault.position), fault.why)
            return nil
        case .fact(let event):
            switch event.content {
            case .control(.quarantineSkipped(let word)):
                open[UnreadPlace(word.record)] = nil
                return nil
            case .control(.quarantinePatched(let word)):
                let place = UnreadPlace(word.record)
                guard open.removeValue(forKey: place) != nil else { return nil }
                return patched(UnreadRecords.Patch(place: place, value: word.patchedValue.bytes))
            default: return nil
            }
        }
    }

    private mutating func note(_ place: UnreadPlace, _ why: String) {
        let topic = place.topic.text
        // A heartbeat that cannot be read is one that did not come, and takes nobody's room.
        guard topic != TopicCatalog.heartbeats.name else { return }
        guard open.count < Self.maximum || open[place] != nil else {
            overflow[topic] = ((overflow[topic]?.count ?? 0) + 1, place)
            return
        }
        open[place] = why
    }

    private mutating func patched(_ patch: UnreadRecords.Patch) -> (event: Event, place: RecordPosition)? {
        var reader = EventReading(wanting: types)
        switch patch.read(by: &reader) {
        case .fact(let event, _, _)?: return (event, patch.place.position)
        // Another type is none of this fold's.
        case .passed?: return nil
        case .unknownType?, .unknownVersion?, nil:
            note(patch.place, "what an operator gave in its place cannot be read either")
            return nil
        }
    }

    /// What nobody said anything of, in the order of the log.
    public var faults: [Unreadable] {
        var faults = open.map { Unreadable(position: $0.position, why: $1) }.sorted {
            ($0.position.source, $0.position.offset) < ($1.position.source, $1.position.offset)
        }
        for (_, more) in overflow.sorted(by: { $0.key < $1.key }) {
            faults.append(Unreadable(position: more.last.position, why: "and \(more.count - 1) more like it"))
        }
        return faults
    }

    /// Whether one of this topic is among them.
    public func hasFaults(in topic: String) -> Bool {
        overflow[topic] != nil || open.keys.contains { $0.topic.text == topic }
    }
}

extension UnreadPlace {
    fileprivate init(_ record: ParkedKey) {
        let source = TopicPartition(record.sourceTopic.text, Int32(truncatingIfNeeded: record.sourcePartition))
        self.init(RecordPosition(source, record.sourceOffset))
    }

    /// The record's place on the log.
    public var position: RecordPosition {
        RecordPosition(TopicPartition(topic.text, Int32(truncatingIfNeeded: partition)), offset)
    }
}
