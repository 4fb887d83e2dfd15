internal import CLibpq

/// One query of several statements that is fed by COPYs: one transaction, and as many round trips as COPYs plus one.
///
/// The steps are apart, so that the caller can prepare its next batch while the server works on this one:
/// `begin`, then for each COPY in order `openCopy`, `feed` …, `closeCopy`, and at last `finish`. `send` is all but the
/// last. After an error the transaction is undone and the session idle again.
extension Session {
    /// libpq keeps what the kernel does not take; we wait between pieces of this size, so that it stays small.
    static var copyPieceBytes: Int { 256 << 10 }

    /// Sends a query and does not wait.
    public mutating func begin(_ sql: String) throws(PostgresError) {
        try requireIdle(.run)
        precondition(!sql.utf8.contains(0), "SQL ends at a zero byte, so it may hold none")
        try require(unsafe PQsendQuery(connection, sql), .run)
        phase = .query
        collected.removeAll()
        try flush(.run)
    }

    /// Waits until the next COPY of the query wants its rows.
    public mutating func openCopy() throws(PostgresError) {
        precondition(phase == .query, "openCopy follows begin or closeCopy")
        guard try collect(.copyIn) else { preconditionFailure("the query has fewer COPYs than it is fed") }
        phase = .feeding
    }

    /// Hands rows over; pieces may be cut anywhere.
    public mutating func feed(_ bytes: RawSpan) throws(PostgresError) {
        precondition(phase == .feeding, "feed follows openCopy")
        var start = 0
        while start < bytes.byteCount {
            let end = min(bytes.byteCount, start + Self.copyPieceBytes)
            let piece = bytes.extracting(start..<end)
            let code = unsafe piece.withUnsafeBytes { (piece: UnsafeRawBufferPointer) -> Int32 in
                // Safe: libpq copies the bytes before it returns.
                unsafe PQputCopyData(
                    connection, piece.assumingMemoryBound(to: CChar.self).baseAddress, Int32(piece.count))
            }
            try flush(.copyIn)
            // The kernel takes no more for now: once more with the same piece.
            if code == 0 { continue }
            guard code == 1 else { throw try endFailedCopy() }
            start = end
        }
    }

    public mutating func feed(_ bytes: [UInt8]) throws(PostgresError) {
        // Safe: every byte of an array of bytes is initialised.
        try unsafe feed(bytes.span.bytes)
    }

    /// Says that all rows of this COPY were fed, and does not wait.
    public mutating func closeCopy() throws(PostgresError) {
        precondition(phase == .feeding, "closeCopy follows openCopy")
        while true {
            let code = unsafe PQputCopyEnd(connection, nil)
            try flush(.copyIn)
            if code == 1 { break }
            guard code == 0 else { throw try endFailedCopy() }
        }
        phase = .query
    }

    /// Sends a query and all rows of its COPYs; the server may be at work when this returns, and `finish` waits for it.
    public mutating func send(_ sql: String, copies: [[UInt8]]) throws(PostgresError) {
        try begin(sql)
        for copy in copies {
            try openCopy()
            try feed(copy)
            try closeCopy()
        }
    }

    /// Waits for the end of the query; one result per statement.
    public mutating func finish() throws(PostgresError) -> [StatementResult] {
        precondition(phase == .query, "finish follows begin, send or closeCopy")
        guard try !collect(.run) else { preconditionFailure("the query has more COPYs than it was fed") }
        phase = .idle
        defer { collected = [] }
        return collected
    }

    /// Takes results up to the next COPY (`true`) or the end of the query; throws the first error after all is taken.
    private mutating func collect(_ operation: PostgresError.Operation) throws(PostgresError) -> Bool {
        var fault: PostgresError?
        while true {
            try awaitAnswer(operation)
            guard let result = unsafe PQgetResult(connection) else { break }
            switch unsafe PQresultStatus(result) {
            case PGRES_COPY_IN:
                unsafe PQclear(result)
                return true
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
                if fault == nil {
                    fault = PostgresError(operation, result: result, statement: collected.count)
                }
                unsafe PQclear(result)
            case PGRES_COPY_OUT, PGRES_COPY_BOTH:
                preconditionFailure("rows are read by copyOut, not by a query that is fed")
            default: collected.append(StatementResult(taking: result))
            }
        }
        guard let fault else { return false }
        phase = .idle
        throw fault
    }

    /// Feeding failed on our side: the results tell what the server said last.
    private mutating func endFailedCopy() throws(PostgresError) -> PostgresError {
        let said = PostgresError.firstLine(unsafe String(cString: PQerrorMessage(connection)))
        phase = .query
        defer { phase = .idle }
        if isOpen { isAbandoned = true } else { _ = try collect(.copyIn) }
        return PostgresError(.copyIn, .lost, said)
    }
}
