public import Core
public import Domain
internal import Wire

/// Where a feed begins that has no position yet; whatever it is, it is said on `torghut.control.v1`.
public struct FirstStart: Sendable {
    public enum Place: String, Sendable, CaseIterable {
        case earliest
        case latest
    }

    public var place: Place
    /// Who takes the choice, and by what configuration.
    public var actor: ActorName
    public var source: FlagSource
    public var configHash: ContentHash

    public init(_ place: Place, actor: ActorName, source: FlagSource, configHash: ContentHash) {
        self.place = place
        self.actor = actor
        self.source = source
        self.configHash = configHash
    }

    /// Chooses for partitions without a position: choice and position are one append, so that a start that is cut off
    /// has chosen nothing.
    func choose(
        _ sources: [FeedSource], in bounds: [TopicPartition: Bounds], at moment: Timestamp, by writer: any EventWriter
    ) async throws(LogError) {
        guard !sources.isEmpty else { return }
        var encoder = EventEncoder()
        var append = Append([])
        for source in sources {
            guard let held = bounds[source.read] else { throw LogError(.read, .unknownPartition(source.read)) }
            let next = place == .earliest ? held.begin : held.end
            let choice = FeedChoice(
                source: source, value: "\(next) (\(place.rawValue))", previous: nil, flagSource: self.source,
                configHash: configHash)
            let order = ControlOrder(
                scope: .global, actor: actor,
                reason: FeedChoice.prose("\(source.read) was never read; it is read from the \(place.rawValue)"))
            append.records.append(encoder.record(choice.event(order, at: moment)))
            append.positions.append(source.position(next: next, anchor: nil))
        }
        try await writer.append(append)
    }
}

/// A feed goes on somewhere because somebody said so, not because it came there by reading.
struct FeedChoice {
    let source: FeedSource
    let value: String
    let previous: String?
    let flagSource: FlagSource
    let configHash: ContentHash

    func event(_ order: ControlOrder, at moment: Timestamp) -> Event {
        let name = "feed_position/\(source.consumer)/\(source.read)"
        let changed = FlagChanged(
            order: order, name: Label(trusted: String(name.suffix(LabelKind.maximumBytes))),
            value: Self.prose(value), previousValue: previous.map(Self.prose), flagSource: flagSource,
            configHash: configHash)
        let id = EventMint.eventID(.outside(source: "order-feed", key: "\(name)/\(value)/\(moment.nanoseconds)"))
        let envelope = Envelope(
            eventID: id, eventTime: moment, ingestTime: moment, source: SourceName(trusted: "order-feed"),
            correlation: StoryID(high: id.high, low: id.low))
        return Event(envelope, .control(.flagChanged(changed)))
    }

    /// Of a few words of ours and the name of a partition.
    static func prose(_ text: String) -> Prose {
        do { return try Prose(text) } catch { preconditionFailure("'\(text)' is a short text: \(error)") }
    }
}
