import Core
import Domain
import Projections
import Runtime
import Threading
import Wire

/// What is decided about a parked record.
enum QuarantineWord: Sendable {
    case release
    case skip
    case patch(Octets)

    var name: String {
        switch self {
        case .release: "release"
        case .skip: "skip"
        case .patch: "patch"
        }
    }

    /// What it does to a record that it can be said of.
    var effect: String {
        switch self {
        case .release, .patch: "fold"
        case .skip: "be left out"
        }
    }
}

/// A word with the one who says it, and why.
struct QuarantineSaying: Sendable {
    let word: QuarantineWord
    private let reason: Prose
    private let actor: ActorName

    init(_ word: QuarantineWord, reason: String, actor: String) throws(UsageError) {
        self.word = word
        do { self.reason = try Prose(reason) } catch { throw UsageError("--reason: \(error)") }
        do { self.actor = try ActorName(actor) } catch { throw UsageError("--actor: \(error)") }
    }

    /// Why the record would be parked again; `nil` when it would not.
    func refusal(of entry: QuarantineDesk.Entry, at desk: QuarantineDesk) async throws -> String? {
        let refusal: Refusal?
        switch word {
        case .skip: return nil
        case .release: refusal = try await desk.trial(of: entry, as: entry.row.value)
        case .patch(let value): refusal = try await desk.trial(of: entry, as: value.bytes)
        }
        return refusal.map { "stay parked: \($0.reason.rawValue) at \($0.path): \($0)" }
    }

    /// Appends one event for each, in the order of the log; answers where they lie.
    func append(_ entries: [QuarantineDesk.Entry], _ settings: Settings) async throws -> [RecordPosition] {
        var encoder = EventEncoder()
        var records: [NewRecord] = []
        for (number, entry) in entries.enumerated() { records.append(encoder.record(try event(entry, number))) }
        let append = Append(records)
        try LogLimits.check(append)
        return try await OpenedLog.using(settings, to: .append) { opened in
            let writer = try await opened.log.writer(named: QuarantineDecision.writerName)
            let outcome: Result<[RecordPosition], any Error>
            do { outcome = .success(try await writer.append(append)) } catch { outcome = .failure(error) }
            await writer.close()
            return try outcome.get()
        }
    }

    private func event(_ entry: QuarantineDesk.Entry, _ number: Int) throws -> Event {
        let position = entry.row.place.position
        let record = try ParkedKey(
            position, key: entry.row.recordKey, projection: entry.projection, version: entry.version)
        let place = Cause(topic: position.source.topic, partition: position.source.partition, offset: position.offset)
        let order = ControlOrder(scope: .record(place), actor: actor, reason: reason)
        let now = SystemTime().now()
        let id = EventMint.eventID(
            .outside(
                source: "torghut quarantine", key: "\(word.name)/\(entry.projection)/\(position)/\(now.nanoseconds)"))
        let envelope = Envelope(
            eventID: id, eventTime: now, ingestTime: now, seq: Int64(number), source: try SourceName("cli"),
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
