import Core
import TestSupport

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
