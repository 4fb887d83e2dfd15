/// A failure of the log: what was tried, what stood in the way, and (as text) what to do next.
public struct LogError: Error, Equatable, Sendable {
    public enum Operation: String, Sendable {
        case open, describe, create, adjust, delete, append, read, position, join, verify, repair, archive, restore
    }

    public enum Reason: Equatable, Sendable {
        /// Another writer of this name was opened later.
        case fenced(writer: String)
        /// A position outside what the log holds: an incident, never a jump.
        case positionOutOfRange(TopicPartition, asked: Int64, Bounds)
        /// The record before the position is not the one that was folded: the topic was recreated or truncated.
        case anchorMismatch(TopicPartition, offset: Int64)
        case unknownTopic(String)
        case unknownPartition(TopicPartition)
        case limitExceeded(name: String, allowed: Int, actual: Int)
        /// Bytes that were whole once and are not now.
        case damaged(file: String, byte: Int64, what: String)
        /// Another process writes here.
        case locked(holder: String)
        case noSpace(String)
        case timedOut(String)
        case unavailable(String)
        /// Sent, and no answer: it may be durable. Read before writing it again.
        case outcomeUnknown(String)
        /// The request, a setting or a credential is wrong and stays wrong.
        case refused(String)
        /// The engine gave up: a failed fsync, a fatal client error.
        case failed(String)
        case closed
    }

    public let operation: Operation
    public let reason: Reason

    public init(_ operation: Operation, _ reason: Reason) {
        self.operation = operation
        self.reason = reason
    }

    public var disposition: Disposition {
        switch reason {
        case .noSpace, .timedOut, .unavailable, .locked: .retry
        case .unknownTopic, .unknownPartition, .limitExceeded, .refused: .reject
        case .fenced, .outcomeUnknown, .closed: .reopen
        case .positionOutOfRange, .anchorMismatch, .damaged, .failed: .halt
        }
    }
}

extension LogError: CustomStringConvertible {
    public var description: String { "log \(operation.rawValue): \(reason)" }
}

extension LogError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .fenced(let writer):
            "writer '\(writer)' was opened again elsewhere and this one is fenced; stop, or open a new one"
        case .positionOutOfRange(let source, let asked, let bounds):
            "position \(asked) of \(source) is outside what the log holds (\(bounds.begin)..<\(bounds.end)); "
                + "restore the missing records from an archive or rebuild the consumer"
        case .anchorMismatch(let source, let offset):
            "\(source)/\(offset) is not the record that was consumed there: the topic was recreated or truncated; "
                + "rebuild the consumer from a complete log"
        case .unknownTopic(let name): "topic '\(name)' does not exist; create it with `torghut topics apply`"
        case .unknownPartition(let source): "\(source) does not exist; see `torghut topics list`"
        case .limitExceeded(let name, let allowed, let actual): "\(name) is \(allowed), and this is \(actual)"
        case .damaged(let file, let byte, let what):
            "\(file) is damaged at byte \(byte): \(what); restore the file, or cut it with `torghut log repair`"
        case .locked(let holder): "another process writes here: \(holder)"
        case .noSpace(let what): "no room: \(what); free some and try again"
        case .timedOut(let what): "timed out: \(what)"
        case .unavailable(let what): "not available now: \(what)"
        case .outcomeUnknown(let what): "outcome unknown: \(what); read the log before writing this again"
        case .refused(let what): what
        case .failed(let what): what
        case .closed: "already closed"
        }
    }
}
