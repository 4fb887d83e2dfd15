public import Core
public import Kafka
internal import Synchronization

/// The log on Kafka: the engine for production and for more than one machine.
///
/// One append is one transaction; readers are read-committed and own their positions; a consumer's positions are
/// the offsets its group committed inside appends, each with its anchor in the offset's metadata. Every call into
/// librdkafka blocks on an executor of the handle it belongs to.
public final class KafkaLog: EventLog {
    private let settings: KafkaSettings
    private let observer: KafkaObserver
    private let admin: KafkaAdmin
    private let handles = HandleRegistry()

    /// Opens handles and connects lazily; a property librdkafka does not take is refused here, by its name.
    public init(_ settings: KafkaSettings) throws(LogError) {
        self.settings = settings
        do {
            observer = try KafkaObserver(settings)
            admin = try KafkaAdmin(settings)
        } catch {
            throw error.logError(.open)
        }
    }

    public func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds] {
        try await mapping(.position) { () throws(KafkaError) in try await self.observer.bounds(of: partitions) }
    }

    public func writer(named name: String) async throws(LogError) -> any EventWriter {
        try handles.checkOpen(.open)
        guard !name.isEmpty else { throw LogError(.open, .refused("a writer needs a name")) }
        do throws(KafkaError) {
            let producer = try KafkaProducer(settings, transactionalID: name)
            do throws(KafkaError) {
                try await producer.initialize()
            } catch {
                await producer.close()
                throw error
            }
            let writer = KafkaWriter(producer, name: name, statisticsEvery: settings.statisticsInterval)
            await handles.adopt(writer) { [weak writer] in await writer?.close() }
            return writer
        } catch {
            throw error.logError(.open, writer: name)
        }
    }

    public func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) async throws(LogError) -> [TopicPartition: ConsumerPosition] {
        try await mapping(.position) { () throws(KafkaError) in
            try await self.observer.positions(of: consumer, in: partitions)
        }
    }

    public func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader {
        try handles.checkOpen(.read)
        let offsets = try await resolve(starts)
        do throws(KafkaError) {
            let consumer = try KafkaConsumer(settings)
            let reader = KafkaReader(consumer, observer: observer, options)
            do throws(KafkaError) {
                try await consumer.assign(offsets)
            } catch {
                await consumer.close()
                throw error
            }
            await handles.adopt(reader) { [weak reader] in await reader?.close() }
            return reader
        } catch {
            throw error.logError(.read)
        }
    }

    public func join(group: String, sharing topic: String) async throws(LogError) -> any Membership {
        try handles.checkOpen(.join)
        do {
            let membership = KafkaMembership(try await KafkaMember(settings, group: group, sharing: topic))
            await handles.adopt(membership) { [weak membership] in await membership?.leave() }
            return membership
        } catch {
            throw error.logError(.join)
        }
    }

    public func close() async {
        await handles.closeAll()
        await observer.close()
        await admin.close()
    }

    private func resolve(_ starts: [TopicPartition: ReadStart]) async throws(LogError) -> [TopicPartition: Int64] {
        let resolution = StartResolution(
            bounds: try await bounds(of: Array(starts.keys)),
            firstRecord: { (position) throws(LogError) in try await self.firstRecord(from: position) },
            compacts: { (topic) throws(LogError) in
                let described = try await self.describe().first { $0.name == topic }
                return described?.settings["cleanup.policy"]?.contains("compact") ?? false
            })
        return try await resolution.offsets(for: starts)
    }

    /// The record at a position or, where that is a hole, the next one; `nil` when nothing follows.
    private func firstRecord(from position: RecordPosition) async throws(LogError) -> Record? {
        let source = position.source
        guard let end = try await bounds(of: [source])[source]?.end, position.offset < end else { return nil }
        let options = ReadOptions(maximumRecords: 1, maximumBytes: LogLimits.maximumRecordBytes, headers: false)
        let reader = try await reader(from: [source: .offset(position.offset)], options)
        let found: Result<Record?, LogError>
        do throws(LogError) {
            found = .success(try await Self.first(of: reader, in: source, before: end))
        } catch {
            found = .failure(error)
        }
        await reader.close()
        return try found.get()
    }

    private static func first(
        of reader: any EventReader, in source: TopicPartition, before end: Int64
    ) async throws(LogError) -> Record? {
        let deadline = ContinuousClock.now + anchorTimeout
        while ContinuousClock.now < deadline {
            let batch = try await reader.next(waiting: .milliseconds(200))
            if !batch.isEmpty { return batch.record(at: 0) }
            if let next = batch.next[source], next >= end { return nil }
        }
        throw LogError(.read, .timedOut("reading the record before a stored position of \(source)"))
    }

    /// How long a start may wait for the broker to show one record.
    static let anchorTimeout = Duration.seconds(30)

    private func mapping<Answer>(
        _ operation: LogError.Operation, _ body: () async throws(KafkaError) -> Answer
    ) async throws(LogError) -> Answer {
        try handles.checkOpen(operation)
        do { return try await body() } catch { throw error.logError(operation) }
    }
}

// MARK: - Topics

extension KafkaLog {
    public func describe() async throws(LogError) -> [TopicDescription] {
        try await mapping(.describe) { () throws(KafkaError) in try await self.admin.describe() }
    }

    public func create(_ topics: [TopicSpec]) async throws(LogError) {
        for topic in topics where topic.name.utf8.count > LogLimits.maximumTopicNameBytes {
            throw LogError(
                .create,
                .limitExceeded(
                    name: "maximumTopicNameBytes", allowed: LogLimits.maximumTopicNameBytes,
                    actual: topic.name.utf8.count))
        }
        try await mapping(.create) { () throws(KafkaError) in try await self.admin.create(topics) }
    }

    public func adjust(_ topic: TopicSpec) async throws(LogError) {
        try await mapping(.adjust) { () throws(KafkaError) in try await self.admin.adjust(topic) }
    }

    public func delete(_ topic: String) async throws(LogError) {
        try await mapping(.delete) { () throws(KafkaError) in try await self.admin.delete(topic) }
    }
}
