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
        try await bounds(of: partitions, for: .position)
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
        try handles.checkOpen(.position)
        do throws(KafkaError) {
            return try await observer.positions(of: consumer, in: partitions)
        } catch {
            throw error.logError(.position)
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

    /// Turns starts into explicit offsets inside the log. The anchor of `.after` is checked by whoever wraps this.
    private func resolve(_ starts: [TopicPartition: ReadStart]) async throws(LogError) -> [TopicPartition: Int64] {
        let bounds = try await bounds(of: Array(starts.keys), for: .read)
        var offsets: [TopicPartition: Int64] = [:]
        for (source, start) in starts.sorted(by: { $0.key < $1.key }) {
            guard let held = bounds[source] else { throw LogError(.read, .unknownPartition(source)) }
            let wanted: Int64 =
                switch start {
                case .beginning: held.begin
                case .end: held.end
                case .offset(let offset): offset
                case .after(let position): position.next
                }
            guard (held.begin...held.end).contains(wanted) else {
                throw LogError(.read, .positionOutOfRange(source, asked: wanted, held))
            }
            offsets[source] = wanted
        }
        return offsets
    }

    private func bounds(
        of partitions: [TopicPartition], for operation: LogError.Operation
    ) async throws(LogError) -> [TopicPartition: Bounds] {
        try handles.checkOpen(operation)
        do throws(KafkaError) {
            return try await observer.bounds(of: partitions)
        } catch {
            throw error.logError(operation)
        }
    }
}

// MARK: - Topics

extension KafkaLog {
    public func describe() async throws(LogError) -> [TopicDescription] {
        try handles.checkOpen(.describe)
        do throws(KafkaError) { return try await admin.describe() } catch { throw error.logError(.describe) }
    }

    public func create(_ topics: [TopicSpec]) async throws(LogError) {
        for topic in topics where topic.name.utf8.count > LogLimits.maximumTopicNameBytes {
            throw LogError(
                .create,
                .limitExceeded(
                    name: "maximumTopicNameBytes", allowed: LogLimits.maximumTopicNameBytes,
                    actual: topic.name.utf8.count))
        }
        try handles.checkOpen(.create)
        do throws(KafkaError) { return try await admin.create(topics) } catch { throw error.logError(.create) }
    }

    public func adjust(_ topic: TopicSpec) async throws(LogError) {
        try handles.checkOpen(.adjust)
        do throws(KafkaError) { return try await admin.adjust(topic) } catch { throw error.logError(.adjust) }
    }

    public func delete(_ topic: String) async throws(LogError) {
        try handles.checkOpen(.delete)
        do throws(KafkaError) { return try await admin.delete(topic) } catch { throw error.logError(.delete) }
    }
}
