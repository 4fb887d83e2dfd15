internal import CRdKafka
public import Core

/// A failure of Kafka: what was tried, what librdkafka or a broker answered, and what that leaves open.
///
/// Carries no keys, values or credentials: those may be private.
public struct KafkaError: Error, Equatable, Sendable {
    public enum Operation: String, Sendable {
        case configure, connect, metadata, initialize, begin, produce, positions, commit, abort
        case assign, consume, bounds, committed, join
        case describeTopics, createTopics, alterTopic, deleteTopic, deleteGroup, cluster
    }

    public let operation: Operation
    public let code: KafkaErrorCode
    public let text: String
    /// The same call may be repeated on the same handle.
    public var isRetriable: Bool
    /// The handle is dead: only a new one goes on.
    public var isFatal: Bool
    /// The open transaction cannot be committed any more.
    public var requiresAbort: Bool
    /// A commit was sent and its answer never came: it may stand.
    public var isOutcomeUnknown: Bool
    /// The topic and, where one is to blame, the partition.
    public var topic: String?
    public var partition: Int32?

    public init(
        _ operation: Operation, _ code: KafkaErrorCode, _ text: String? = nil, topic: String? = nil,
        partition: Int32? = nil, isRetriable: Bool? = nil, isFatal: Bool = false, requiresAbort: Bool = false,
        isOutcomeUnknown: Bool = false
    ) {
        self.operation = operation
        self.code = code
        self.text = text ?? code.text
        self.topic = topic
        self.partition = partition
        self.isRetriable = isRetriable ?? (code.kind == .timedOut || code.kind == .unavailable)
        self.isFatal = isFatal
        self.requiresAbort = requiresAbort
        self.isOutcomeUnknown = isOutcomeUnknown
    }

    /// Takes librdkafka's error object over and frees it; `nil` when there was none.
    init?(_ operation: Operation, taking error: OpaquePointer?) {
        guard let error = unsafe error else { return nil }
        unsafe self.init(
            operation, KafkaErrorCode(rd_kafka_error_code(error)), String(cString: rd_kafka_error_string(error)),
            isRetriable: rd_kafka_error_is_retriable(error) != 0, isFatal: rd_kafka_error_is_fatal(error) != 0,
            requiresAbort: rd_kafka_error_txn_requires_abort(error) != 0)
        unsafe rd_kafka_error_destroy(error)
    }

    public var disposition: Disposition { logError(.append, writer: "").disposition }
}

extension KafkaError {
    /// The same failure in the words every engine shares.
    public func logError(_ operation: LogError.Operation, writer: String? = nil) -> LogError {
        LogError(operation, reason(writer: writer))
    }

    private func reason(writer: String?) -> LogError.Reason {
        if isOutcomeUnknown { return .outcomeUnknown("\(self)") }
        switch code.kind {
        case .fenced: return .fenced(writer: writer ?? "")
        case .unknownTopic: return .unknownTopic(topic ?? "?")
        case .unknownPartition: return partition.flatMap(missing) ?? .unknownTopic(topic ?? "?")
        case .timedOut: return isFatal ? .failed("\(self)") : .timedOut("\(self)")
        case .unavailable: return isFatal ? .failed("\(self)") : .unavailable("\(self)")
        case .refused: return .refused("\(self)")
        case .closed: return .closed
        case .damaged, .failed: return .failed("\(self)")
        }
    }

    private func missing(_ partition: Int32) -> LogError.Reason? {
        topic.map { .unknownPartition(TopicPartition($0, partition)) }
    }
}

extension KafkaError: CustomStringConvertible {
    public var description: String {
        let place = topic.map { topic in " of \(topic)" + (partition.map { "/\($0)" } ?? "") } ?? ""
        return "kafka \(operation.rawValue)\(place): \(code.name): \(text)"
    }
}
