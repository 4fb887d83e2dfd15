internal import CLibpq
internal import Glibc

/// Waiting for the server, always with a limit.
///
/// libpq's own blocking calls wait for ever: a server that is stopped, or a network that is cut, would hold the
/// thread.
extension Session {
    /// False when the moment came first.
    static func poll(_ descriptor: Int32, for events: Int16, until deadline: ContinuousClock.Instant) -> Bool {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        while true {
            let left = (deadline - ContinuousClock.now).milliseconds
            let count = unsafe Glibc.poll(&entry, 1, Int32(clamping: max(0, left)))
            if count > 0 { return true }
            if count < 0 {
                // A descriptor that cannot be polled is a connection that is gone: the next read says so.
                guard errno == EINTR else { return true }
            }
            if ContinuousClock.now >= deadline { return false }
        }
    }

    /// Returns when the next result can be taken without blocking.
    mutating func awaitAnswer(_ operation: PostgresError.Operation) throws(PostgresError) {
        if hasSent {
            waits += 1
            hasSent = false
        }
        let deadline = ContinuousClock.now + settings.answerTimeout
        while true {
            let unsent = unsafe PQflush(connection)
            if unsafe PQisBusy(connection) == 0 { return }
            try awaitSocket(operation, writing: unsent == 1, until: deadline)
        }
    }

    /// Hands everything buffered to the kernel, and takes in what comes meanwhile.
    mutating func flush(_ operation: PostgresError.Operation) throws(PostgresError) {
        hasSent = true
        let deadline = ContinuousClock.now + settings.answerTimeout
        // When the connection is gone nothing remains unsent, and the next result tells why.
        while unsafe PQflush(connection) == 1 {
            try awaitSocket(operation, writing: true, until: deadline)
            guard unsafe PQstatus(connection) == CONNECTION_OK else { return }
        }
    }

    mutating func awaitSocket(
        _ operation: PostgresError.Operation, writing: Bool, until deadline: ContinuousClock.Instant
    ) throws(PostgresError) {
        let events = Int16(POLLIN) | (writing ? Int16(POLLOUT) : 0)
        guard unsafe Self.poll(PQsocket(connection), for: events, until: deadline) else {
            isAbandoned = true
            phase = .idle
            throw PostgresError(
                operation, .noAnswer(within: settings.answerTimeout),
                "the server was silent for \(settings.answerTimeout.milliseconds) ms (answerTimeout)")
        }
        // A failure shows in the next result.
        unsafe _ = PQconsumeInput(connection)
    }

    /// Reads what came unasked: notices, or the server's last words.
    func takeIn() {
        while unsafe PQstatus(connection) == CONNECTION_OK,
            unsafe Self.poll(PQsocket(connection), for: Int16(POLLIN), until: .now)
        {
            unsafe _ = PQconsumeInput(connection)
        }
    }

    /// Refuses to begin on a session that is dead, or busy with something else.
    func requireIdle(_ operation: PostgresError.Operation) throws(PostgresError) {
        precondition(phase == .idle, "a query is still under way: finish it first")
        guard isOpen else { throw PostgresError(operation, .closed, "this session is closed; open a new one") }
    }

    /// For calls that only queue: they fail when the connection is gone, or memory is.
    func require(_ code: Int32, _ operation: PostgresError.Operation) throws(PostgresError) {
        guard code != 1 else { return }
        throw PostgresError(
            operation, .lost, PostgresError.firstLine(unsafe String(cString: PQerrorMessage(connection))))
    }
}
