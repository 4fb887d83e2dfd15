internal import Core
internal import Journal

/// What the journal's own writer and a remote one have in common.
protocol JournalSink: EventSink {
    func close() async
}

extension JournalWriter: JournalSink {}
extension JournalRemoteWriter: JournalSink {}

/// What the holder of a journal and a mere reader of its folder can both tell.
protocol JournalLook: Sendable {
    func describe() -> [TopicDescription]
    func bounds(of partitions: [TopicPartition]) throws(LogError) -> [TopicPartition: Bounds]
    func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) throws(LogError) -> [TopicPartition: ConsumerPosition]
    func record(at position: RecordPosition) async throws(LogError) -> Record?
}

extension Journal: JournalLook {}
extension JournalView: JournalLook {}

/// Chooses partitions for keys, and ends with the log.
actor JournalLogWriter: EventWriter {
    private let log: JournalLog
    private let sink: any JournalSink

    init(log: JournalLog, sink: any JournalSink) {
        self.log = log
        self.sink = sink
    }

    func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
        try log.checkOpen(.append)
        guard append.records.contains(where: { $0.partition == nil }) else { return try await sink.append(append) }
        var placed = append
        // Asked anew for each append: partitions may be added to a topic while this writer lives.
        var partitions: [String: Int32] = [:]
        var generator = SystemRandomNumberGenerator()
        for index in placed.records.indices where placed.records[index].partition == nil {
            let record = placed.records[index]
            let count = try await partitionCount(of: record.topic, known: &partitions)
            placed.records[index].partition = Murmur2Partitioner.partition(
                forKey: record.key, of: count, using: &generator)
        }
        return try await sink.append(placed)
    }

    func close() async { await sink.close() }

    private func partitionCount(of topic: String, known: inout [String: Int32]) async throws(LogError) -> Int32 {
        if let count = known[topic] { return count }
        guard let found = try await log.look(.append).describe().first(where: { $0.name == topic }) else {
            throw LogError(.append, .unknownTopic(topic))
        }
        known[topic] = found.partitions
        return found.partitions
    }
}

struct JournalLogReader: EventReader {
    let log: JournalLog
    let reader: JournalReader

    func next(waiting limit: Duration) async throws(LogError) -> RecordBatch {
        try log.checkOpen(.read)
        return try await reader.next(waiting: limit)
    }

    func close() async { await reader.close() }
}
