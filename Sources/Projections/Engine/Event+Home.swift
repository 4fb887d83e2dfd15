internal import Core
internal import Domain

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
