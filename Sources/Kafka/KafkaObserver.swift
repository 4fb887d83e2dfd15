internal import CRdKafka
public import Core
internal import Threading

/// Answers questions about a cluster: what partitions hold, what groups stored, which topics there are.
///
/// Two handles: one sees what read-committed readers see, one sees all there
/// is, and both are needed to know where a reader that has read everything stops.
public actor KafkaObserver {
    private let executor: BlockingExecutor
    private let settings: KafkaSettings
    private var committed: Client?
    private var raw: Client?
    private var isClosed = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    public init(_ settings: KafkaSettings) throws(KafkaError) {
        self.settings = settings
        executor = BlockingExecutor("kafka observer")
        committed = try Client(settings, for: .observer(committed: true))
    }

    /// First offset, and the offset a read-committed reader reaches, of each partition.
    ///
    /// `end` is the last stable offset, not the high watermark: behind an open transaction nobody can read. A commit
    /// is acknowledged before its markers are written, so transactions found open are waited for, at most
    /// `settleTimeout`: what was acknowledged before the call lies below `end`.
    public func bounds(of partitions: [TopicPartition]) async throws(KafkaError) -> [TopicPartition: Bounds] {
        guard !partitions.isEmpty else { return [:] }
        let distinct = Array(Set(partitions)).sorted()
        let deadline = Deadline(after: settings.requestTimeout)
        try verify(distinct, until: deadline)
        let highest = try offsets(Int64(RD_KAFKA_OFFSET_END), of: distinct, committed: false, until: deadline)
        let begins = try offsets(Int64(RD_KAFKA_OFFSET_BEGINNING), of: distinct, committed: true, until: deadline)
        var ends = try offsets(Int64(RD_KAFKA_OFFSET_END), of: distinct, committed: true, until: deadline)
        let settled = Deadline(after: settings.settleTimeout)
        while !settled.hasPassed, !deadline.hasPassed {
            let open = distinct.filter { ends[$0, default: 0] < highest[$0, default: 0] }
            if open.isEmpty { break }
            do { try await Task.sleep(for: .milliseconds(5)) } catch { break }
            let again = try offsets(Int64(RD_KAFKA_OFFSET_END), of: open, committed: true, until: deadline)
            ends.merge(again) { _, new in new }
        }
        var bounds: [TopicPartition: Bounds] = [:]
        for source in distinct {
            guard let begin = begins[source], let end = ends[source] else { continue }
            bounds[source] = Bounds(begin: begin, end: max(begin, end))
        }
        return bounds
    }

    /// How many partitions a topic has.
    public func partitionCount(of topic: String) throws(KafkaError) -> Int32 {
        let deadline = Deadline(after: settings.requestTimeout)
        let checks = settings.unknownTopicChecks
        return try withClient(committed: true) { client throws(KafkaError) in
            try client.refresh(topic, checks: checks, until: deadline).partitions
        }
    }

    /// What a group stored for these partitions, pending transactions awaited; what it never stored is absent.
    public func positions(
        of group: String, in partitions: [TopicPartition]
    ) async throws(KafkaError) -> [TopicPartition: ConsumerPosition] {
        guard !partitions.isEmpty else { return [:] }
        let distinct = Array(Set(partitions)).sorted()
        let deadline = Deadline(after: settings.requestTimeout)
        while true {
            do {
                let entries = try storedOffsets(of: group, in: distinct, until: deadline)
                var found: [TopicPartition: ConsumerPosition] = [:]
                for entry in entries where entry.offset >= 0 {
                    found[entry.source] = ConsumerPosition(
                        consumer: group, source: entry.source, next: entry.offset,
                        anchor: StoredAnchor.decode(entry.metadata))
                }
                return found
            } catch {
                guard error.isRetriable, !deadline.hasPassed else { throw error }
                do { try await Task.sleep(for: .milliseconds(20)) } catch _ { throw error }
            }
        }
    }

    public func close() {
        isClosed = true
        committed?.end()
        raw?.end()
        committed = nil
        raw = nil
    }
}

extension KafkaObserver {
    /// How often a leader may say that it does not know a topic that is listed.
    private static let unheardChecks = 20

    private func verify(_ partitions: [TopicPartition], until deadline: Deadline) throws(KafkaError) {
        let checks = settings.unknownTopicChecks
        var counts: [String: Int32] = [:]
        for source in partitions {
            if counts[source.topic] == nil {
                counts[source.topic] = try withClient(committed: true) { client throws(KafkaError) in
                    try client.refresh(source.topic, checks: checks, until: deadline).partitions
                }
            }
            guard (0..<counts[source.topic, default: 0]).contains(source.partition) else {
                throw KafkaError(.bounds, .unknownPartitionHere, topic: source.topic, partition: source.partition)
            }
        }
    }

    /// Asks for the first (`BEGINNING`) or next (`END`) offsets, which the protocol takes in place of a time.
    private func offsets(
        _ which: Int64, of partitions: [TopicPartition], committed: Bool, until deadline: Deadline
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        var found: [TopicPartition: Int64] = [:]
        var missing = partitions
        var unheard = 0
        while true {
            let list = PartitionList(missing, offset: which)
            let code = try withClient(committed: committed) { client in
                unsafe KafkaErrorCode(rd_kafka_offsets_for_times(client.pointer, list.pointer, deadline.milliseconds))
            }
            var blame: KafkaError?
            missing = []
            for entry in list.entries {
                let answer = entry.code == .none ? code : entry.code
                if answer == .none, entry.offset >= 0 {
                    found[entry.source] = entry.offset
                } else {
                    missing.append(entry.source)
                    blame = KafkaError(
                        .bounds, answer == .none ? .noOffset : answer, topic: entry.source.topic,
                        partition: entry.source.partition)
                }
            }
            guard let blame else { return found }
            // The topic was listed a moment ago: the leader of a new one hears of it after the others.
            let isUnheard = blame.code == .unknownTopicOrPartition
            if isUnheard { unheard += 1 }
            guard isUnheard ? unheard < Self.unheardChecks : blame.isRetriable, !deadline.hasPassed else {
                throw try withClient(committed: committed) { client in client.explained(blame) }
            }
            Pause.shortly()
        }
    }

    private func storedOffsets(
        of group: String, in partitions: [TopicPartition], until deadline: Deadline
    ) throws(KafkaError) -> [PartitionList.Entry] {
        let list = PartitionList(partitions)
        return try withClient(committed: true) { client throws(KafkaError) in
            guard let wanted = unsafe rd_kafka_ListConsumerGroupOffsets_new(group, list.pointer) else {
                throw KafkaError(.committed, .invalidArgument, "'\(group)' cannot name a consumer")
            }
            defer { unsafe rd_kafka_ListConsumerGroupOffsets_destroy(wanted) }
            let request = try AdminRequest(client, .committed, .listOffsets, until: deadline)
            let event = try unsafe request.run { client, options, queue in
                var groups: [OpaquePointer?] = unsafe [wanted]
                unsafe rd_kafka_ListConsumerGroupOffsets(client, &groups, 1, options, queue)
            }
            return try event.storedOffsets(of: group)
        }
    }

    private func withClient<Answer>(
        committed wantsCommitted: Bool, _ body: (inout Client) throws(KafkaError) -> Answer
    ) throws(KafkaError) -> Answer {
        guard !isClosed else { throw KafkaError(.metadata, .destroyed, isFatal: true) }
        var taken: Client
        if let open = wantsCommitted ? committed.take() : raw.take() {
            taken = open
        } else {
            taken = try Client(settings, for: .observer(committed: wantsCommitted))
        }
        let result = Result { () throws(KafkaError) in try body(&taken) }
        if wantsCommitted { committed = consume taken } else { raw = consume taken }
        return try result.get()
    }
}
