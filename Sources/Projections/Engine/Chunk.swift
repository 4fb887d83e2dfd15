internal import Core
internal import Digest
internal import Domain

/// An event by reference: it is handed from hand to hand for each unit, and a copy would count up every field of it.
///
/// Its calls lend the event out from where it lies.
final class ReadEvent: Sendable {
    let event: Event

    init(_ event: Event) { self.event = event }

    var type: EventType { event.content.type }

    func need<P: Projection>(_ projection: P.Type, in tables: inout P.Tables) { P.need(of: event, in: &tables) }

    func follow<P: Projection>(_ projection: P.Type, in tables: inout P.Tables) { P.follow(event, in: &tables) }

    func fold<P: Projection>(
        _ projection: P.Type, at position: RecordPosition, into tables: inout P.Tables
    ) throws(Refusal) {
        try P.fold(event, at: position, into: &tables)
    }
}

/// What a record says to the projections.
enum Reading {
    case event(ReadEvent)
    /// An event of a type that none of them wants, or that this program does not know.
    case passed
    /// Nothing that can be folded; the type, if that could be told.
    case refused(Refusal, EventType?)
}

/// The records of one batch, decoded once for all projections.
struct Chunk {
    /// Where a record lies: plain numbers, which units look at for every record.
    struct Place {
        /// Which of `batches`, and which entry of it.
        let batch: Int
        let entry: Int
        /// Index into the lane's sources.
        let source: Int
        let offset: Int64
        /// Whether its key belongs into another partition of its topic.
        let isMisplaced: Bool
    }

    private struct Refused {
        let refusal: Refusal
        let type: EventType?
    }

    var batches: [RecordBatch] = []
    private(set) var places: [Place] = []
    /// The event at each place, unless it was passed or refused.
    private(set) var events: [ReadEvent?] = []
    private var refused: [Int: Refused] = [:]
    /// Where the reader stands after this chunk, by source; holes are passed.
    var next: [TopicPartition: Int64] = [:]
    /// The last record of each source in this chunk.
    var anchors: [TopicPartition: Anchor] = [:]

    var isEmpty: Bool { places.isEmpty && next.isEmpty }

    var count: Int { places.count }

    mutating func append(_ reading: Reading, at place: Place) {
        switch reading {
        case .event(let event): events.append(event)
        case .passed: events.append(nil)
        case .refused(let refusal, let type):
            refused[places.count] = Refused(refusal: refusal, type: type)
            events.append(nil)
        }
        places.append(place)
    }

    /// Frees an event that was folded.
    mutating func letGo(_ index: Int) { events[index] = nil }

    func reading(_ index: Int) -> Reading {
        if let event = events[index] { return .event(event) }
        return refused[index].map { .refused($0.refusal, $0.type) } ?? .passed
    }

    func record(_ index: Int) -> Record { batches[places[index].batch].record(at: places[index].entry) }

    /// The last record of a source that lies before an offset: all of the chunk, unless a unit stops inside it.
    func anchor(of source: TopicPartition, before offset: Int64) -> Anchor? {
        guard let last = anchors[source], last.offset >= offset else { return anchors[source] }
        for batch in batches.reversed() {
            guard let number = batch.sources.firstIndex(of: source) else { continue }
            if let entry = batch.entries.last(where: { Int($0.source) == number && $0.offset < offset }) {
                return RecordHash.anchor(at: entry, in: batch)
            }
        }
        return nil
    }
}
