internal import CLibpq
internal import Core
internal import Glibc

/// One connection to a database, for blocking use by one thread at a time.
///
/// Sole owner of a `PGconn`: uncopyable, so that it is closed exactly once. Every wait has a limit, and `waits` counts
/// round trips. After an error in a statement the session can be used again unless the error says `needsNewSession`.
///
/// Sendable without a check, because nobody can share it: every use needs the one owner, and libpq lets any thread
/// use a connection as long as it is one at a time.
@safe public struct Session: ~Copyable, @unchecked Sendable {
    /// What of the query in hand is still to come.
    enum Phase: Equatable {
        case idle
        /// A query was sent; `feeding` while the server waits for rows.
        case query, feeding
        case pipeline(statements: Int)
    }

    let connection: OpaquePointer
    let settings: PostgresSettings
    var phase: Phase
    /// Statements of the query in hand that are done.
    var collected: [StatementResult]
    /// Something was sent that no answer was awaited for yet.
    var hasSent: Bool
    /// Statements that were planned here and are kept, by their text.
    var kept: [String: String]
    /// An answer never came: it could be taken for the answer to something else.
    var isAbandoned: Bool

    /// How often an answer was awaited after something was sent: round trips, each as long as the server and the way.
    public internal(set) var waits: Int

    public init(_ settings: PostgresSettings) throws(PostgresError) {
        // All that can fail comes first: the compiler cannot take a half-made uncopyable value apart.
        let opened = try unsafe Self.open(settings)
        unsafe connection = opened
        self.settings = settings
        phase = .idle
        collected = []
        hasSent = false
        isAbandoned = false
        kept = [:]
        waits = 0
    }

    deinit { unsafe PQfinish(connection) }

    /// The server's process for this session: what `pg_terminate_backend` takes.
    public var backendPID: Int32 { unsafe PQbackendPID(connection) }

    /// For instance 150018.
    public var serverVersion: Int32 { unsafe PQserverVersion(connection) }

    public var isEncrypted: Bool { unsafe PQsslInUse(connection) != 0 }

    /// False once the connection is known to be gone; it may be gone and nobody have noticed.
    public var isOpen: Bool { unsafe !isAbandoned && PQstatus(connection) == CONNECTION_OK }

    public var isInTransaction: Bool {
        let status = unsafe PQtransactionStatus(connection)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    /// Nothing is under way and no transaction open: the next user finds it as new.
    public var isIdle: Bool { unsafe phase == .idle && isOpen && PQtransactionStatus(connection) == PQTRANS_IDLE }

    /// A parameter the server reported, such as `server_version` or `in_hot_standby`.
    public func reported(_ name: String) -> String? {
        unsafe PQparameterStatus(connection, name).map { unsafe String(cString: $0) }
    }
}

/// Opening, with a limit over all steps.
extension Session {
    private static func open(_ settings: PostgresSettings) throws(PostgresError) -> OpaquePointer {
        let options = try ConnectionOptions(settings)
        let started = unsafe start(options)
        if let fault = unsafe fault(inOpening: started, within: connectLimit(options, settings)) {
            unsafe PQfinish(started)
            throw fault
        }
        unsafe torghut_pg_drop_notices(started)
        unsafe _ = PQsetErrorVerbosity(started, PQERRORS_DEFAULT)
        return unsafe started
    }

    /// libpq copies the names and values.
    private static func start(_ options: ConnectionOptions) -> OpaquePointer {
        let names: [UnsafeMutablePointer<CChar>?] = unsafe options.values.map { unsafe strdup($0.name) }
        let values: [UnsafeMutablePointer<CChar>?] = unsafe options.values.map { unsafe strdup($0.value) }
        defer {
            for index in unsafe names.indices {
                unsafe free(names[index])
                unsafe free(values[index])
            }
        }
        let nameList: [UnsafePointer<CChar>?] = unsafe names.map { unsafe UnsafePointer($0) } + [nil]
        let valueList: [UnsafePointer<CChar>?] = unsafe values.map { unsafe UnsafePointer($0) } + [nil]
        guard let started = unsafe PQconnectStartParams(nameList, valueList, 0) else {
            fatalError("libpq is out of memory")
        }
        // Verbose messages carry the SQLSTATE, which a connection that fails tells in no other way.
        unsafe _ = PQsetErrorVerbosity(started, PQERRORS_VERBOSE)
        return unsafe started
    }

    private static func connectLimit(_ options: ConnectionOptions, _ settings: PostgresSettings) -> Duration {
        guard let given = options.value("connect_timeout").flatMap({ Int64($0) }), given > 0 else {
            return settings.connectTimeout
        }
        return .seconds(given)
    }

    private static func fault(inOpening connection: OpaquePointer, within limit: Duration) -> PostgresError? {
        let deadline = ContinuousClock.now + limit
        // Before the first poll libpq wants the socket writable.
        var awaited = PGRES_POLLING_WRITING
        while unsafe PQstatus(connection) != CONNECTION_BAD, awaited != PGRES_POLLING_FAILED {
            if awaited == PGRES_POLLING_OK {
                // Otherwise a full socket would block a send for ever, with the server waiting for us to read.
                if unsafe PQsetnonblocking(connection, 1) == 0 { return nil }
                break
            }
            let events = awaited == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard unsafe poll(PQsocket(connection), for: Int16(events), until: deadline) else {
                let host = unsafe PQhost(connection).map { unsafe String(cString: $0) } ?? "?"
                let port = unsafe PQport(connection).map { unsafe String(cString: $0) } ?? "?"
                return PostgresError(
                    .connect, .unreachable,
                    "no connection to \(host):\(port) within \(limit.milliseconds) ms (connectTimeout)")
            }
            awaited = unsafe PQconnectPoll(connection)
        }
        return .connecting(unsafe String(cString: PQerrorMessage(connection)))
    }
}
