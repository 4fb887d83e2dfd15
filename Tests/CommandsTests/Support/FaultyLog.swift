import Core
import Synchronization
import TestSupport

/// What becomes of one append.
enum AppendFault: Sendable {
    case beforeWriting
    case afterWriting
    case none
}

/// A log whose appends under one name fail, each as it is told.
final class FaultyLog: ForwardingLog {
    let log: any EventLog
    private let name: String
    private let faults: Mutex<[AppendFault]>

    /// The n-th append under this name meets the n-th fault; later ones meet none.
    init(_ log: any EventLog, failing name: String, _ faults: [AppendFault]) {
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
}

/// A log that nobody can write to, nor ask how far it reaches, while it is away.
final class SwitchedLog: ForwardingLog {
    let log: any EventLog
    let isAway = Guard(false)

    init(_ log: any EventLog) { self.log = log }

    private struct Writer: EventWriter {
        let writer: any EventWriter
        let log: SwitchedLog

        func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
            try log.check(.append)
            return try await writer.append(append)
        }

        func close() async { await writer.close() }
    }

    private func check(_ operation: LogError.Operation) throws(LogError) {
        if isAway.value { throw LogError(operation, .unavailable("the test says so")) }
    }

    func writer(named name: String) async throws(LogError) -> any EventWriter {
        try check(.open)
        return Writer(writer: try await log.writer(named: name), log: self)
    }

    func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds] {
        try check(.describe)
        return try await log.bounds(of: partitions)
    }
}
