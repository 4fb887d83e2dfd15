internal import Core
internal import Kafka

/// Reads explicit positions of Kafka partitions; a position that fell out of the log is an incident.
final class KafkaReader: EventReader {
    private let consumer: KafkaConsumer
    private let observer: KafkaObserver
    private let options: ReadOptions

    init(_ consumer: KafkaConsumer, observer: KafkaObserver, _ options: ReadOptions) {
        self.consumer = consumer
        self.observer = observer
        self.options = options
    }

    func next(waiting limit: Duration) async throws(LogError) -> RecordBatch {
        let fetched = await withTaskCancellationHandler {
            await fetch(waiting: limit)
        } onCancel: {
            consumer.interrupt()
        }
        do {
            return try fetched.get()
        } catch {
            guard error.code == .offsetReset || error.code == .offsetOutOfRange, let topic = error.topic,
                let partition = error.partition
            else { throw error.logError(.read) }
            return try await outOfRange(TopicPartition(topic, partition), error)
        }
    }

    func close() async { await consumer.close() }

    private func fetch(waiting limit: Duration) async -> Result<RecordBatch, KafkaError> {
        do throws(KafkaError) {
            return .success(
                try await consumer.next(
                    waiting: limit, maximumRecords: options.maximumRecords, maximumBytes: options.maximumBytes,
                    headers: options.headers))
        } catch {
            return .failure(error)
        }
    }

    /// A broker that has just become leader may know less than the offset asked for: only the bounds decide.
    private func outOfRange(_ source: TopicPartition, _ cause: KafkaError) async throws(LogError) -> RecordBatch {
        guard let asked = await consumer.position(of: source) else { throw cause.logError(.read) }
        do {
            guard let bounds = try await observer.bounds(of: [source])[source] else { throw cause }
            guard (bounds.begin...bounds.end).contains(asked) else {
                throw LogError(.read, .positionOutOfRange(source, asked: asked, bounds))
            }
            try await consumer.restart(source)
            return .empty
        } catch let error as LogError {
            throw error
        } catch let error as KafkaError {
            throw error.logError(.read)
        } catch {
            throw cause.logError(.read)
        }
    }
}
