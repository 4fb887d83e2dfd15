public import Core

/// How far a fold has come in each of its partitions, with the record it believed last.
public struct FoldVector: Sendable, Equatable {
    public struct Place: Sendable, Equatable {
        public let next: Int64
        public let anchor: Anchor?
        /// The latest moment that a record before names: what comes counts as no earlier.
        public let latest: Timestamp

        public init(next: Int64, anchor: Anchor? = nil, latest: Timestamp = .earliest) {
            self.next = next
            self.anchor = anchor
            self.latest = latest
        }
    }

    public var places: [TopicPartition: Place]

    public init(_ places: [TopicPartition: Place] = [:]) { self.places = places }

    /// A partition that was never read is read from its first record on: one whose head is gone is refused.
    public func start(of source: TopicPartition) -> ReadStart {
        let place = places[source] ?? Place(next: 0)
        return .after(
            ConsumerPosition(consumer: "fold", source: source, next: place.next, anchor: place.anchor))
    }
}
