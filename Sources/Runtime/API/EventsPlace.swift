internal import Core
internal import Domain

/// Where a stream of events stands in the log, as the id that a client sends back: the first offset of each partition
/// that it has not been sent.
struct EventsPlace: Sendable, Equatable {
    /// Decisions, intents, routes, fills, gates and control: what a person at a screen wants to see move.
    static let sources: [TopicPartition] =
        [
            TopicCatalog.decisions, TopicCatalog.orderIntents, TopicCatalog.route, TopicCatalog.orderEvents,
            TopicCatalog.canary, TopicCatalog.control,
        ].flatMap { topic in (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) } }

    var next: [TopicPartition: Int64]

    init(_ next: [TopicPartition: Int64]) { self.next = next }

    /// `v1-4.0.12…`; `nil` when it is none of ours.
    init?(id: String) {
        guard id.utf8.count <= 4_096, id.hasPrefix("v1-") else { return nil }
        let parts = id.dropFirst(3).split(separator: ".", omittingEmptySubsequences: false).map { Int64($0) ?? -1 }
        guard parts.count == Self.sources.count, parts.allSatisfy({ $0 >= 0 }) else { return nil }
        next = Dictionary(uniqueKeysWithValues: zip(Self.sources, parts))
    }

    var id: String { "v1-" + Self.sources.map { "\(next[$0] ?? 0)" }.joined(separator: ".") }

    /// As `Torghut-Position` says it: `torghut.control.v1=4 torghut.decisions.v1=12,0,7`, partitions in order.
    var text: String {
        Dictionary(grouping: Self.sources, by: \.topic).sorted { $0.key < $1.key }.map { topic, sources in
            "\(topic)=" + sources.map { "\(next[$0] ?? 0)" }.joined(separator: ",")
        }.joined(separator: " ")
    }

    /// How many offsets lie between.
    func distance(from earlier: EventsPlace) -> Int64 {
        Self.sources.reduce(0) { $0 + max(0, (next[$1] ?? 0) - (earlier.next[$1] ?? 0)) }
    }

    /// What has this place behind it, and the other before it.
    func isWithin(_ bounds: [TopicPartition: Range<Int64>]) -> Bool {
        Self.sources.allSatisfy { source in
            guard let held = bounds[source] else { return false }
            let place = next[source] ?? 0
            return place >= held.lowerBound && place <= held.upperBound
        }
    }
}
