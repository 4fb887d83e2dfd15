internal import Core
internal import Domain
internal import Wire

/// Turns records of any topic that tells of orders into records of stories.
struct StoryDecoder: ~Copyable {
    private let words: QuarantineWords
    private var events = EventDecoder()
    // Whose stream it is does not matter here: orders are told apart by their ids.
    private var updates = BrokerUpdateReader(defaultAccount: AccountLabel(trusted: "unnamed"))

    /// By symbol, in as many partitions.
    static let keyed = [
        TopicCatalog.decisions, TopicCatalog.orderIntents, TopicCatalog.route, TopicCatalog.orderEvents,
        TopicCatalog.leanShadow,
    ]
    /// Whoever writes here puts a record where he likes.
    static let foreign = [TopicCatalog.tradeUpdates, TopicCatalog.tradeUpdatesV2]
    static let single = [TopicCatalog.strategyShadow, TopicCatalog.canary, TopicCatalog.control]

    private static let foreignNames = Set(foreign.map(\.name))

    enum Reading {
        case record(StoryRecord)
        /// Of a type that tells nothing, or that this program does not know.
        case nothing
        case unreadable(String)
    }

    init(_ words: QuarantineWords) { self.words = words }

    mutating func read(_ entry: RecordBatch.Entry, of batch: RecordBatch) -> Reading {
        let place = RecordPosition(batch.source(of: entry), entry.offset)
        guard let value = batch.bytes(of: entry.value) else { return settled(place, "the record has no value") }
        if Self.foreignNames.contains(place.source.topic) { return message(value, entry, place) }
        do {
            guard case .event(let event) = try events.decode(value) else { return .nothing }
            return .record(StoryRecord(.event(event), at: place))
        } catch { return settled(place, error.description) }
    }

    /// A record that cannot be read, as an operator left it.
    private mutating func settled(_ place: RecordPosition, _ why: String) -> Reading {
        switch words[place] {
        case nil: return .unreadable(why)
        case .skipped?: return .nothing
        case .patched(let bytes)?:
            do {
                // Safe: bytes are plain integers.
                guard case .event(let event) = try events.decode(unsafe bytes.span.bytes) else { return .nothing }
                return .record(StoryRecord(.event(event), at: place))
            } catch { return .unreadable("what an operator gave in its place cannot be read either") }
        }
    }

    private mutating func message(_ value: RawSpan, _ entry: RecordBatch.Entry, _ place: RecordPosition) -> Reading {
        do {
            let update = try updates.read(value)
            let message = BrokerMessage(
                takenIn: Timestamp(milliseconds: entry.timestamp) ?? .epoch, event: update.eventType,
                status: update.status, clientOrderID: update.clientOrderID, alpacaOrderID: update.orderID,
                executionID: update.executionID)
            return .record(StoryRecord(.message(message), at: place))
        } catch {
            // The feed parks what it cannot read, and quarantine lists it.
            return .nothing
        }
    }
}
