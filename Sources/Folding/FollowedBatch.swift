public import Core

/// Records in the order in which they are to be folded.
///
/// They stay where they were decoded: the batch only says in which order to take them.
public struct FollowedBatch<Fact: Sendable>: Sendable, RandomAccessCollection {
    struct Place: Sendable {
        let chunk: Int32
        let index: Int32
    }

    let chunks: [[FollowedRecord<Fact>]]
    let order: [Place]
    private let sources: [TopicPartition]

    init(chunks: [[FollowedRecord<Fact>]], order: [Place], sources: [TopicPartition]) {
        self.chunks = chunks
        self.order = order
        self.sources = sources
    }

    /// Records as they were read.
    init(_ records: [FollowedRecord<Fact>], sources: [TopicPartition]) {
        chunks = [records]
        order = records.indices.map { Place(chunk: 0, index: Int32($0)) }
        self.sources = sources
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { order.count }

    public subscript(position: Int) -> FollowedRecord<Fact> {
        let place = order[position]
        return chunks[Int(place.chunk)][Int(place.index)]
    }

    /// Where a record of this batch lies.
    public func position(of record: FollowedRecord<Fact>) -> RecordPosition {
        RecordPosition(sources[record.source], record.offset)
    }

    public func source(of record: FollowedRecord<Fact>) -> TopicPartition { sources[record.source] }
}
