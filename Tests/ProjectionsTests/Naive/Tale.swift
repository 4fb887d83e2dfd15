import Core
import Domain
import NaiveReadModels
import TestSupport
import Wire

/// A log told record by record, kept as the records of each partition.
struct Tale: Sendable {
    private(set) var records: [TopicPartition: [Record]] = [:]
    /// Holes in offsets are legal, and common on Kafka.
    private let hasHoles: Bool

    init(hasHoles: Bool = true) { self.hasHoles = hasHoles }

    /// Appends the event where its own key puts it.
    @discardableResult
    mutating func tell(_ event: Event) -> RecordPosition {
        var encoder = EventEncoder()
        let topic = event.content.type.family.topic
        return tell(topic, key: event.key, encoder.encode(event))
    }

    @discardableResult
    mutating func tell(_ topic: CatalogTopic, key: [UInt8]?, _ value: [UInt8]?) -> RecordPosition {
        let partition = key.map { Murmur2Partitioner.partition(forKey: $0, of: topic.spec.partitions) } ?? 0
        let source = TopicPartition(topic.name, partition)
        let last = records[source]?.last?.position.offset ?? -1
        let hole = hasHoles ? Int64((records[source]?.count ?? 0) % 3) : 0
        let record = Record(
            position: RecordPosition(source, last + 1 + hole), timestamp: 1_770_000_000_123, key: key, value: value,
            headers: [])
        records[source, default: []].append(record)
        return record.position
    }

    var naive: NaiveLog {
        var log = NaiveLog()
        for source in records.keys.sorted() { for record in records[source] ?? [] { log.append(record) } }
        return log
    }

    /// The same records, partitions and topics interleaved by chance.
    func shuffled(by random: inout SplitMix64) -> [Record] {
        var rest = records.sorted { $0.key < $1.key }.map { $0.value[...] }
        var order: [Record] = []
        while !rest.isEmpty {
            let lane = Int(random.next() % UInt64(rest.count))
            // Sometimes a run: a reader gives what one partition has before it turns to another.
            for _ in 0...(random.next() % 4 == 0 ? Int(random.next() % 30) : 0) {
                if let record = rest[lane].popFirst() { order.append(record) }
            }
            if rest[lane].isEmpty { rest.remove(at: lane) }
        }
        return order
    }
}
