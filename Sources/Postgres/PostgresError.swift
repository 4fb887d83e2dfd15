/// A failure of Postgres: what was tried, what stood in the way, and (as text) what to do next.
///
/// Carries no bound values and no DETAIL: those may be private.
public struct PostgresError: Error, Equatable, Sendable {
    public enum Operation: String, Sendable {
        case configure, connect, run, query, prepare, pipeline, copyIn, copyOut, cancel, migrate, wait
    }

    public enum Reason: Equatable, Sendable {
        /// The server said no: `sqlState` and `message` tell why.
        case server
        /// The connection is gone. What was sent and not answered may stand, or may not.
        case lost
        /// Nothing came within the limit; the session is given up, because its answer may still come.
        case noAnswer(within: Duration)
        /// Nobody listens there, the name is unknown, or connecting took too long.
        case unreachable
        /// The server's certificate leads to no authority that we trust.
        case untrustedChain
        /// The certificate is good, and is another host's.
        case otherHost
        /// There is no file of trusted authorities to check the certificate with.
        case noAuthorities
        /// We ask for TLS and the server has none.
        case noTLS
        /// A setting cannot be used; the message names it and never quotes its value.
        case setting
        case limitExceeded(name: String, allowed: Int, actual: Int)
        case closed
    }

    /// What a caller may do.
    public enum Disposition: Sendable, Equatable {
        /// The world is in the way for now; on a new session, when `needsNewSession`.
        case retry
        /// Another owner has taken over: stop, and never write here again under this epoch.
        case fenced
        /// Going on would be wrong: what was sent cannot be stored, or a person has to change something.
        case halt
    }

    /// The SQLSTATE that our own assertion functions raise when a fence does not match.
    public static let fencedState = "TG001"

    public let operation: Operation
    public let reason: Reason
    public var sqlState: String?
    /// One line; values that the server quotes in it are taken out.
    public var message: String
    /// Names the server gave: `table orders`, `constraint orders_pkey`, `COPY orders, line 3`.
    public var place: [String]
    /// Which statement of a pipeline failed, from 0.
    public var statement: Int?

    public init(
        _ operation: Operation, _ reason: Reason, sqlState: String? = nil, _ message: String, place: [String] = [],
        statement: Int? = nil
    ) {
        self.operation = operation
        self.reason = reason
        self.sqlState = sqlState
        self.message = message
        self.place = place
        self.statement = statement
    }

    public var disposition: Disposition {
        switch reason {
        case .untrustedChain, .otherHost, .noAuthorities, .noTLS, .setting: return .halt
        case .lost, .noAnswer, .unreachable, .limitExceeded, .closed: return .retry
        case .server: break
        }
        guard let sqlState, sqlState != Self.fencedState else { return sqlState == nil ? .retry : .fenced }
        switch sqlState.prefix(2) {
        case "08", "40", "53", "57": return .retry  // Lost connection, lost race, no room, server restarting.
        default: break
        }
        // A server that became read-only, a transaction that was idle for too long, and a lock that somebody else holds.
        return ["25006", "25P03", "55P03"].contains(sqlState) ? .retry : .halt
    }

    /// The session this came from is dead: open another, and read before writing.
    public var needsNewSession: Bool {
        switch reason {
        case .lost, .noAnswer, .unreachable, .closed: true
        case .server: Self.endsSession(sqlState)
        default: false
        }
    }

    /// Terminated by an administrator, crash of another backend, shutdown, idle in transaction for too long.
    private static func endsSession(_ state: String?) -> Bool {
        guard let state else { return true }
        return state.hasPrefix("08") || ["57P01", "57P02", "57P03", "57P04", "57P05", "25P03"].contains(state)
    }
}

extension PostgresError: CustomStringConvertible {
    public var description: String {
        let which = statement.map { " (statement \($0 + 1))" } ?? ""
        let state = sqlState.map { "\($0): " } ?? ""
        let places = place.isEmpty ? "" : " (\(place.joined(separator: ", ")))"
        let next = advice.map { "; \($0)" } ?? ""
        return "postgres \(operation.rawValue)\(which): \(state)\(message)\(places)\(next)"
    }
}
