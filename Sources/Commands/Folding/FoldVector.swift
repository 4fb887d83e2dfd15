public import Core

/// How far a fold has come in each of its partitions, with the record it believed last.
public struct FoldVector: Sendable, Equatable {
    public struct Place: Sendable, Equatable {
        public let next: Int64
        public let anchor: Anchor?

        public init(next: Int64, anchor: Anchor? = nil) {
            self.next = next
            self.anchor = anchor
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
