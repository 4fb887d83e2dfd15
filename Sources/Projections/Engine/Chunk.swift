internal import Core
internal import Digest
internal import Domain

/// An event by reference: it is handed from hand to hand for each unit, and a copy would count up every field of it.
final class ReadEvent: Sendable {
    let event: Event

    init(_ event: Event) { self.event = event }
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
    struct Item {
        /// Which of `batches`, and which entry of it.
        let batch: Int
        let entry: Int
        /// Index into the lane's sources.
        let source: Int
        let offset: Int64
        let reading: Reading
    }

    var batches: [RecordBatch] = []
    var items: [Item] = []
    /// Where the reader stands after this chunk, by source; holes are passed.
    var next: [TopicPartition: Int64] = [:]
    /// The last record of each source in this chunk.
    var anchors: [TopicPartition: Anchor] = [:]

    var isEmpty: Bool { items.isEmpty && next.isEmpty }

    func record(of item: Item) -> Record { batches[item.batch].record(at: item.entry) }

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
