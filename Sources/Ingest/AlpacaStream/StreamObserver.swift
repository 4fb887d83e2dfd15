public import Core
public import Domain

/// Learns what the stream's client does; told on any thread.
public protocol StreamObserver: Sendable {
    func changed(_ standing: StreamStanding)
    /// An update came, so long after the broker's own time of it.
    func received(lag: Duration?)
    /// Updates that are durable now.
    func committed(_ counts: StreamCounts, took: Duration)
    func buffered(_ updates: Int)
    func noted(_ note: StreamNote)
}

/// How many updates came how.
public struct StreamCounts: Sendable, Equatable {
    public var live = 0
    /// Asked for, to close a gap.
    public var asked = 0

    public init() {}
}

/// Why a connection ended.
public enum StreamEnd: Error, Sendable, Equatable {
    case unauthorized(String)
    /// The broker has another connection with our keys.
    case secondConnection(String)
    /// Trade updates are not among the streams that were granted.
    case notGranted
    /// No answer to this in time: `connect`, `auth`, `listen`.
    case late(String)
    case complained(code: Int64?, String)
    /// The handshake was answered with this status.
    case refused(status: Int)
    case farewell(status: Int?)
    case frameTooLarge(allowed: Int)
    case lost(String)
    /// A message that is none came while it listened: it may have been an update.
    case unreadable(String)
    /// The word that the stream is ours is over, and no later one is durable.
    case leaseOver

    public var errorClass: StreamTrouble {
        switch self {
        case .unauthorized, .refused(status: 401), .refused(status: 403): .auth
        case .secondConnection, .refused(status: 406): .secondConnection
        case .leaseOver: .kafkaProduce
        case .notGranted, .late, .complained, .refused, .farewell, .frameTooLarge, .lost, .unreadable: .unknown
        }
    }
}

extension StreamEnd: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unauthorized(let said): "the broker refuses our keys: \(said)"
        case .secondConnection(let said): "another connection uses our keys: \(said)"
        case .notGranted: "the broker does not grant trade_updates"
        case .late(let step): "no answer to \(step) in time"
        case .complained(let code, let said): "the broker complains: \(code.map { "\($0) " } ?? "")\(said)"
        case .refused(let status): "the handshake was answered with \(status)"
        case .farewell(let status): "the broker said farewell\(status.map { " with \($0)" } ?? "")"
        case .frameTooLarge(let allowed): "a message has more than maximumFrameBytes, \(allowed)"
        case .lost(let why): why
        case .unreadable(let what): "a message cannot be read: \(what)"
        case .leaseOver: "the lease is over and could not be renewed"
        }
    }
}

/// Something that an operator may want to know.
public enum StreamNote: Sendable {
    /// This process has the stream.
    case leaseTaken(epoch: Int64, completeUntil: Timestamp?)
    case connected
    case listening(connection: Int)
    case ended(StreamEnd, connection: Int, pause: Duration)
    /// A message that is none.
    case garbage(String)
    case gapOpened(since: Timestamp)
    case gapRetrying(FailureTaxonomy, pause: Duration)
    /// An order that cannot be asked for by itself is left to the reconciler.
    case gapLeft(order: String, FailureTaxonomy)
    /// Part of a list that cannot be read is left to the reconciler.
    case gapUnread(String)
    case gapClosed(orders: Int, executions: Int, took: Duration)
    case appendFailed(LogError)
    case retrying(LogError)
    /// Another process has the stream now.
    case fenced
    /// What was left at the end did not become durable; the next start asks for it.
    case leftBehind(updates: Int)
}
