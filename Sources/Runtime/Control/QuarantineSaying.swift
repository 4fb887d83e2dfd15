public import Core
public import Domain
public import Projections
internal import Wire

/// What is decided about a parked record.
public enum QuarantineChoice: Sendable {
    case release
    case skip
    case patch(Octets)

    public var name: String {
        switch self {
        case .release: "release"
        case .skip: "skip"
        case .patch: "patch"
        }
    }

    /// What it does to a record that it can be said of.
    public var effect: String {
        switch self {
        case .release, .patch: "fold"
        case .skip: "be left out"
        }
    }
}

extension QuarantineDesk {
    /// The letters of a record that can be decided on now, one of each projection that parked it; none when it does not
    /// wait any more.
    public func decidable(_ record: RecordPosition, of projection: String? = nil) async throws -> [Entry] {
        var query = Query(limit: 1_000)
        query.record = record
        query.projection = projection
        query.states = []
        let entries = try await entries(query)
        guard !entries.isEmpty else { throw OperatorRefusal(.missing, "no projection has parked \(record)") }
        for entry in entries where entry.row.state == ParkedRow.State.deferred.rawValue {
            let head = try await head(before: entry).map { $0.row.place.position.description } ?? "another"
            throw OperatorRefusal(.conflict, "\(record) waits behind \(head): decide on that one first")
        }
        return entries.filter { $0.row.state == ParkedRow.State.parked.rawValue }
    }
}

/// A word with the one who says it, and why.
public struct QuarantineSaying: Sendable {
    public static let writerName = "torghut.quarantine"

    public let word: QuarantineChoice
    private let reason: Prose
    private let actor: ActorName

    private let source: SourceName
    private let time: any TimeSource

    public init(
        _ word: QuarantineChoice, reason: Prose, actor: ActorName, source: SourceName, _ time: any TimeSource
    ) {
        self.word = word
        self.reason = reason
        self.actor = actor
        self.source = source
        self.time = time
    }

    /// Why the record would be parked again; `nil` when it would not.
    public func refusal(of entry: QuarantineDesk.Entry, at desk: QuarantineDesk) async throws -> String? {
        let refusal: Refusal?
        switch word {
        case .skip: return nil
        case .release: refusal = try await desk.trial(of: entry, as: entry.row.value)
        case .patch(let value): refusal = try await desk.trial(of: entry, as: value.bytes)
        }
        return refusal.map { "stay parked: \($0.reason.rawValue) at \($0.path): \($0)" }
    }

    /// Appends one event for each, in the order of the log; answers where they lie.
    public func append(_ entries: [QuarantineDesk.Entry], to log: any EventLog) async throws -> [RecordPosition] {
        var encoder = EventEncoder()
        var records: [NewRecord] = []
        for (number, entry) in entries.enumerated() { records.append(encoder.record(try event(entry, number))) }
        return try await OperatorAppend.append(records, to: log, as: Self.writerName)
    }

    private func event(_ entry: QuarantineDesk.Entry, _ number: Int) throws -> Event {
        let position = entry.row.place.position
        let record = try ParkedKey(
            position, key: entry.row.recordKey, projection: entry.projection, version: entry.version)
        let place = Cause(topic: position.source.topic, partition: position.source.partition, offset: position.offset)
        let order = ControlOrder(scope: .record(place), actor: actor, reason: reason)
        let now = time.now()
        let id = EventMint.eventID(
            .outside(
                source: "torghut quarantine", key: "\(word.name)/\(entry.projection)/\(position)/\(now.nanoseconds)"))
        let envelope = Envelope(
            eventID: id, eventTime: now, ingestTime: now, seq: Int64(number), source: source,
            correlation: StoryID(high: id.high, low: id.low))
        return Event(envelope, .control(content(record, order, entry.row)))
    }

    private func content(_ record: ParkedKey, _ order: ControlOrder, _ row: ParkedRow) -> Control {
        switch word {
        case .release: .quarantineReleased(QuarantineReleased(order: order, record: record))
        case .skip: .quarantineSkipped(QuarantineSkipped(order: order, record: record))
        case .patch(let value):
            .quarantinePatched(
                QuarantinePatched(
                    order: order, record: record, patchedValue: value,
                    originalSHA256: EventMint.content(row.value ?? [])))
        }
    }
}
