internal import CLibpq

/// Reading a table, or a query, by `COPY … TO STDOUT (FORMAT binary)`.
extension Session {
    /// Calls `take` for each row, which is lent for as long as the call takes.
    ///
    /// Returns how many there were. When `take` throws, the statement is cancelled and the session can be used again.
    @discardableResult
    public mutating func copyOut<Failure: Error>(
        _ sql: String, _ take: (borrowing CopyRow) throws(Failure) -> Void
    ) throws -> Int {
        try begin(sql)
        try awaitAnswer(.copyOut)
        guard let opened = unsafe PQgetResult(connection) else {
            phase = .idle
            throw PostgresError(.copyOut, .lost, "the connection ended without an answer")
        }
        let status = unsafe PQresultStatus(opened)
        guard status == PGRES_COPY_OUT else {
            let fault = PostgresError(.copyOut, result: opened)
            unsafe PQclear(opened)
            precondition(status == PGRES_FATAL_ERROR, "copyOut runs one COPY … TO STDOUT and nothing else")
            try drain()
            throw fault
        }
        precondition(unsafe PQbinaryTuples(opened) == 1, "copyOut reads the binary format")
        unsafe PQclear(opened)
        return try takeRows(take)
    }

    private mutating func takeRows<Failure: Error>(
        _ take: (borrowing CopyRow) throws(Failure) -> Void
    ) throws -> Int {
        var count = 0
        var isFirst = true
        while let message = unsafe try nextMessage() {
            // Freed after the row was taken; the span below does not outlive this turn.
            defer { unsafe PQfreemem(UnsafeMutableRawPointer(mutating: message.baseAddress)) }
            var bytes = unsafe RawSpan(_unsafeBytes: message)
            if isFirst {
                bytes = bytes.extracting(CopyFormat.headerBytes(of: bytes)..<bytes.byteCount)
                isFirst = false
            }
            guard !CopyFormat.isTrailer(bytes) else { continue }
            do throws(Failure) { try take(CopyRow(bytes)) } catch {
                try abandonCopy()
                throw error
            }
            count += 1
        }
        try drain()
        return count
    }

    /// The next message of the server's, which the caller frees; `nil` at the end.
    private mutating func nextMessage() throws(PostgresError) -> UnsafeRawBufferPointer? {
        let deadline = ContinuousClock.now + settings.answerTimeout
        while true {
            var start: UnsafeMutablePointer<CChar>?
            let count = unsafe PQgetCopyData(connection, &start, 1)
            if count > 0 { return unsafe UnsafeRawBufferPointer(start: start, count: Int(count)) }
            if count == 0 {
                try awaitSocket(.copyOut, writing: false, until: deadline)
                continue
            }
            // The end, or an error: in both cases the results tell.
            return nil
        }
    }

    /// Asks the server to stop, and passes over what it has sent already.
    private mutating func abandonCopy() throws(PostgresError) {
        try canceller().cancel()
        while let message = unsafe try nextMessage() {
            unsafe PQfreemem(UnsafeMutableRawPointer(mutating: message.baseAddress))
        }
        do throws(PostgresError) { try drain() } catch {
            guard error.sqlState == "57014" else { throw error }
        }
    }

    /// Takes the results that are left; throws the first error among them.
    private mutating func drain() throws(PostgresError) {
        phase = .idle
        var fault: PostgresError?
        while true {
            try awaitAnswer(.copyOut)
            guard let result = unsafe PQgetResult(connection) else { break }
            if fault == nil, unsafe PQresultStatus(result) == PGRES_FATAL_ERROR {
                fault = PostgresError(.copyOut, result: result)
            }
            unsafe PQclear(result)
        }
        if let fault { throw fault }
    }
}
