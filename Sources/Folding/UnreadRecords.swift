public import Core
public import Domain

/// Records that a fold could not read, each until an operator says what becomes of it.
///
/// Topics that we alone write must be readable, or we do not know what we have done or been told: while one of their
/// records is not, nothing new may leave. Account facts and broker updates only count: the next facts take the place
/// of those, and the broker is asked again.
public struct UnreadRecords: FieldRecord {
    /// Further ones are only counted; then no operator's word is enough, and the program must learn to read them.
    public static let maximum = 256

    static let holding: Set<String> = [
        TopicCatalog.control.name, TopicCatalog.canary.name, TopicCatalog.orderIntents.name, TopicCatalog.route.name,
    ]

    public private(set) var places: [UnreadPlace] = []
    public private(set) var overflow: Int64 = 0

    public init() {}
    public init(unread: Unread) {}

    /// What holds everything back; `nil` when nothing does.
    public var hold: UnreadPlace? { places.first { Self.holding.contains($0.topic.text) } }
    public var isHolding: Bool { hold != nil || overflow > 0 }
    /// The same in words, for whoever has to do something about it.
    public var standing: String? {
        guard isHolding else { return nil }
        let first = hold.map(\.description) ?? "a record"
        return overflow > 0 ? "\(first) and \(overflow) more than are remembered" : first
    }
    public var count: Int { places.count + Int(overflow) }

    public mutating func note(_ unreadable: Unreadable) {
        let place = UnreadPlace(unreadable.position)
        guard !places.contains(place) else { return }
        keep(place)
    }

    /// What only counts makes room for what holds, and is forgotten where there is none.
    private mutating func keep(_ place: UnreadPlace) {
        if places.count == Self.maximum {
            guard Self.holding.contains(place.topic.text) else { return }
            guard let other = places.firstIndex(where: { !Self.holding.contains($0.topic.text) }) else {
                overflow += 1
                return
            }
            places.remove(at: other)
        }
        places.append(place)
    }

    /// What an operator says of a record; the bytes to fold in its place, if he gave some.
    public mutating func fold(_ event: Control) -> Patch? {
        switch event {
        case .quarantineSkipped(let skipped): _ = settle(skipped.record)
        case .quarantinePatched(let patched):
            guard let place = settle(patched.record) else { return nil }
            return Patch(place: place, value: patched.patchedValue.bytes)
        case .killSwitchEngaged, .killSwitchReleased, .killSwitchObserved, .laneDisabled, .laneEnabled,
            .emergencyStopLatched, .emergencyStopCleared, .policyChanged, .flagChanged, .overrideGranted,
            .quarantineReleased, .symbolReviewOpened, .symbolReviewClosed, .breakerJudged, .runnerHealthObserved,
            .strategyEnabled, .strategyDisabled, .streamLeaseTaken, .canaryEvaluated:
            break
        }
        return nil
    }

    /// The bytes that an operator gave cannot be read either.
    public mutating func refuse(_ patch: Patch) { keep(patch.place) }

    /// A record's place, and what is folded instead of it.
    public struct Patch: Sendable, Equatable {
        public let place: UnreadPlace
        public let value: [UInt8]
    }

    private mutating func settle(_ record: ParkedKey) -> UnreadPlace? {
        let found = places.firstIndex {
            $0.topic == record.sourceTopic && $0.partition == record.sourcePartition
                && $0.offset == record.sourceOffset
        }
        return found.map { places.remove(at: $0) }
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.list("places", &places, 0...Self.maximum, "Where they lie.")
        try fields.field("overflow", &overflow, "How many more.")
    }
}

/// Where a record lies that could not be read.
public struct UnreadPlace: FieldRecord, Hashable, CustomStringConvertible {
    public private(set) var topic: TopicName
    public private(set) var partition: Int64
    public private(set) var offset: Int64

    public init(_ position: RecordPosition) {
        topic = TopicName(trusted: position.source.topic)
        partition = Int64(position.source.partition)
        offset = position.offset
    }

    public init(unread: Unread) {
        topic = unread()
        partition = unread()
        offset = unread()
    }

    public var description: String { "\(topic.text)/\(partition)/\(offset)" }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("topic", &topic, "The record.")
        try fields.field("partition", &partition, "The record.")
        try fields.field("offset", &offset, "The record.")
    }
}
