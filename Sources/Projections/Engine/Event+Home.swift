internal import Core
internal import Domain

extension Projection {
    /// An event on another family's topic was not said by anybody who may say it.
    ///
    /// A row belongs to one partition; a record that its writer put elsewhere would make it belong to two.
    static func refusal(ofMisplaced event: Event, at position: RecordPosition) -> Refusal? {
        let type = event.content.type
        guard type.family.topic.name == position.source.topic else {
            return Refusal(.unreadableEnvelope, at: "$.event_type", type.strangeness)
        }
        guard let topic = TopicCatalog.topic(named: position.source.topic), topic.isLaidOut(like: ownership),
            let home = event.home(among: partitions), home != position.source.partition
        else { return nil }
        return Refusal(
            .foldRefused, at: "$",
            "it lies in partition \(position.source.partition) of \(topic.name), and its key belongs into \(home)")
    }
}

extension Event {
    /// The partition that this event's key belongs into; `nil` for an event without a key, which may lie anywhere.
    func home(among partitions: Int32) -> Int32? {
        if let symbol = envelope.symbol, isKeyedBySymbol {
            // Safe: the bytes are read inside the call.
            return Murmur2Partitioner.partition(forKey: unsafe symbol.text.utf8.span.bytes, of: partitions)
        }
        return key.map { Murmur2Partitioner.partition(forKey: $0, of: partitions) }
    }

    /// As `key` says, without making one.
    private var isKeyedBySymbol: Bool {
        switch content {
        case .decisions, .intents, .route, .orderEvents, .shadow: true
        case .account, .strategyShadow, .backtests, .canary, .control, .heartbeats, .quarantine: false
        }
    }
}
