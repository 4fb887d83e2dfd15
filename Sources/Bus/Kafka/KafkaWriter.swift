internal import Core
internal import Kafka

/// A transactional id and its producer: each append is one transaction.
final class KafkaWriter: EventWriter {
    private let producer: KafkaProducer
    private let name: String
    private let server: Task<Void, Never>?

    init(_ producer: KafkaProducer, name: String, statisticsEvery interval: Duration) {
        self.producer = producer
        self.name = name
        guard interval > .zero else {
            server = nil
            return
        }
        // Statistics wait in a queue until the handle is served, and an idle writer serves nothing by itself.
        server = Task { [weak producer] in
            while !Task.isCancelled, let open = producer {
                await open.serve()
                do { try await Task.sleep(for: interval) } catch { return }
            }
        }
    }

    deinit { server?.cancel() }

    @discardableResult
    func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
        try LogLimits.check(append)
        try check(append)
        do {
            return try await producer.append(append.records, positions: append.positions)
        } catch {
            throw error.logError(.append, writer: name)
        }
    }

    func close() async {
        server?.cancel()
        await producer.close()
    }

    /// What librdkafka would turn into something else without a word.
    private func check(_ append: Append) throws(LogError) {
        for record in append.records {
            if let timestamp = record.timestamp, timestamp <= 0 {
                throw LogError(.append, .refused("timestamp \(timestamp) is not after 1970, and Kafka cannot keep it"))
            }
            for header in record.headers where header.name.utf8.count > Header.maximumNameBytes {
                throw LogError(
                    .append,
                    .limitExceeded(
                        name: "maximumNameBytes", allowed: Header.maximumNameBytes, actual: header.name.utf8.count))
            }
        }
        for position in append.positions where position.next < 0 {
            throw LogError(.append, .refused("position \(position.next) of \(position.source) is no offset"))
        }
    }
}
