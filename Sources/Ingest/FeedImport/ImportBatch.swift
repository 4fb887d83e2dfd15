internal import Core
internal import Digest
internal import Domain
internal import Folding
internal import Wire

/// Polls of the other cluster on their way to one append.
struct ImportBatch {
    /// Says of a message where it was read: group, topic, partition and offset.
    static let originHeader = "torghut-origin"
    private static let letters = ParkingLetter(from: "order-feed-import", version: 1)

    private let context: ImportContext
    private let sources: [TopicPartition: FeedSource]
    private var records: [NewRecord] = []
    private var tooLarge: [Record] = []
    private var reached: [TopicPartition: (next: Int64, anchor: Anchor?)] = [:]
    private var bytes = 0
    private var oldest: Timestamp?
    private var ownOrigin: RecordPosition?
    private(set) var parked: [(RecordPosition, String)] = []

    init(_ context: ImportContext, _ sources: [TopicPartition: FeedSource]) {
        self.context = context
        self.sources = sources
    }

    var isEmpty: Bool { reached.isEmpty }
    /// A poll more still fits into an append.
    var isFull: Bool {
        records.count + tooLarge.count + context.limits.pollRecords > context.limits.appendRecords
            || bytes > context.limits.appendBytes / 2
    }

    mutating func take(_ batch: RecordBatch) {
        for index in batch.entries.indices {
            let record = batch.record(at: index)
            if let time = Timestamp(milliseconds: record.timestamp) { oldest = min(oldest ?? time, time) }
            take(record)
        }
        var last: [TopicPartition: Int] = [:]
        for (index, entry) in batch.entries.enumerated() { last[batch.source(of: entry)] = index }
        for (source, next) in batch.next {
            let anchor = last[source].map { RecordHash.anchor(at: batch.entries[$0], in: batch) }
            reached[source] = (next, anchor ?? reached[source]?.anchor)
        }
    }

    private mutating func take(_ record: Record) {
        guard let group = context.foreign.group, let topic = context.topics[record.position.source.topic] else {
            preconditionFailure("only topics that have a place on our log are read")
        }
        let origin = "\(group)/\(record.position)"
        // The other cluster is ours, or reads from it: without end each message would come again.
        if record.headers.contains(where: { $0.name == Self.originHeader && Self.isOurs($0, group) }) {
            ownOrigin = ownOrigin ?? record.position
        }
        let new = NewRecord(
            topic: topic.name, key: record.key, value: record.value,
            headers: record.headers + [Header(Self.originHeader, Array(origin.utf8))], timestamp: record.timestamp)
        do throws(LogError) {
            try LogLimits.check(Append([new]))
            records.append(new)
            bytes += LogLimits.size(of: new)
        } catch {
            parked.append((record.position, error.description))
            tooLarge.append(record)
        }
    }

    private static func isOurs(_ header: Header, _ group: String) -> Bool {
        header.value.map { $0.starts(with: "\(group)/".utf8) } ?? false
    }

    /// The append, how many messages it brings, and when the oldest of them was written.
    func append(at moment: Timestamp) throws(LogError) -> (Append, messages: Int, oldest: Timestamp?) {
        if let ownOrigin {
            throw LogError(
                .read,
                .failed(
                    "\(ownOrigin) was written by this import: TRADING_ORDER_FEED_BOOTSTRAP_SERVERS names the log itself"
                ))
        }
        var append = Append(records)
        var encoder = EventEncoder()
        for (record, parked) in zip(tooLarge, parked) {
            let letter = try Self.letters.letter(
                for: record, ParkingLetter.Reason(.tooLarge, parked.1), at: moment, seq: 0)
            append.records.append(encoder.record(letter))
        }
        for (source, place) in reached.sorted(by: { $0.key < $1.key }) {
            guard let source = sources[source] else { continue }
            append.positions.append(source.position(next: place.next, anchor: place.anchor))
        }
        return (append, records.count, oldest)
    }
}
