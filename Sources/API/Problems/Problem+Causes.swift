internal import Core
public import HTTPServer
internal import Postgres

extension Problem {
    /// What a failure is to somebody outside; what it was is for our log.
    init(hiding error: any Error) {
        switch error {
        case let error as Problem: self = error
        case let error as PostgresError where error.disposition == .retry:
            self.init(.databaseUnavailable, "the read models cannot be asked now; the log goes on without them")
        case let error as PostgresError where error.isUnsealed: self.init(.databaseUnavailable, error.message)
        case let error as LogError where error.isUnclear:
            self.init(.logUnavailable, "the log did not confirm it, and it may still be recorded: look first")
        case is LogError: self.init(.logUnavailable, "the log cannot be reached now")
        default: self.init(.internalError, "this is our mistake; it is in our log")
        }
    }

    /// What the server refuses by itself.
    public init(_ refusal: HTTPServerRefusal) {
        switch refusal {
        case .bodyTooLarge(let limit): self.init(.bodyTooLarge, "a body has at most \(limit) bytes")
        case .unreadablePath: self.init(.malformedRequest, "the path is no UTF-8, or holds a NUL")
        case .unreadableQuery: self.init(.malformedRequest, "the query is no UTF-8, or holds a NUL")
        case .ambiguousLength: self.init(.malformedRequest, "it is not certain where the body ends")
        case .stopping: self.init(.stopping, "this process is being stopped")
        }
    }
}

extension LogError {
    /// Sent, and no answer.
    fileprivate var isUnclear: Bool { if case .outcomeUnknown = reason { true } else { false } }
}

extension PostgresError {
    /// TLS with the database cannot be had, or not be trusted: that is told as it is, and names nothing private.
    fileprivate var isUnsealed: Bool {
        switch reason {
        case .untrustedChain, .otherHost, .noAuthorities, .noTLS: true
        case .server, .lost, .noAnswer, .unreachable, .setting, .limitExceeded, .closed: false
        }
    }
}
