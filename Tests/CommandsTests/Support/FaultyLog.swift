import Core
import Synchronization

/// A log whose appends under one name fail, each as it is told.
final class FaultyLog: EventLog {
    enum Fault: Sendable {
        case beforeWriting
        case afterWriting
        case none
    }

    private let log: any EventLog
    private let name: String
    private let faults: Mutex<[Fault]>

    /// The n-th append under this name meets the n-th fault; later ones meet none.
    init(_ log: any EventLog, failing name: String, _ faults: [Fault]) {
        self.log = log
        self.name = name
        self.faults = Mutex(faults)
    }

    private struct Writer: EventWriter {
        let writer: any EventWriter
        let log: FaultyLog

        func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
            let fault = log.faults.withLock { $0.isEmpty ? .none : $0.removeFirst() }
            switch fault {
            case .none: return try await writer.append(append)
            case .beforeWriting: throw LogError(.append, .unavailable("the test says so"))
            case .afterWriting:
                _ = try await writer.append(append)
                throw LogError(.append, .outcomeUnknown("the test says so"))
            }
        }

        func close() async { await writer.close() }
    }

    func writer(named name: String) async throws(LogError) -> any EventWriter {
        let writer = try await log.writer(named: name)
        return name == self.name ? Writer(writer: writer, log: self) : writer
    }

    func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds] {
        try await log.bounds(of: partitions)
    }

    func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) async throws(LogError) -> [TopicPartition: ConsumerPosition] {
        try await log.positions(of: consumer, in: partitions)
    }

    func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader { try await log.reader(from: starts, options) }

    func join(group: String, sharing topic: String) async throws(LogError) -> any Membership {
        try await log.join(group: group, sharing: topic)
    }

    func close() async { await log.close() }
    func describe() async throws(LogError) -> [TopicDescription] { try await log.describe() }
    func create(_ topics: [TopicSpec]) async throws(LogError) { try await log.create(topics) }
    func adjust(_ topic: TopicSpec) async throws(LogError) { try await log.adjust(topic) }
    func delete(_ topic: String) async throws(LogError) { try await log.delete(topic) }
}
