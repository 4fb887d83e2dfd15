public import Core
internal import Synchronization

/// What becomes of one append.
public enum AppendFault: Sendable {
    case beforeWriting
    case afterWriting
    case none
}

/// A log whose appends under one name fail, each as it is told.
public final class FaultyLog: ForwardingLog {
    public let log: any EventLog
    private let name: String
    private let faults: Mutex<[AppendFault]>

    /// The n-th append under this name meets the n-th fault; later ones meet none.
    public init(_ log: any EventLog, failing name: String, _ faults: [AppendFault]) {
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

    public func writer(named name: String) async throws(LogError) -> any EventWriter {
        let writer = try await log.writer(named: name)
        return name == self.name ? Writer(writer: writer, log: self) : writer
    }
}
