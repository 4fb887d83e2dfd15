internal import CLibpq

/// Statements with an answer each, one call one round trip.
extension Session {
    /// Runs several statements as one transaction, unless they begin and end their own; rows come as text.
    @discardableResult
    public mutating func run(_ sql: String) throws(PostgresError) -> [StatementResult] {
        try begin(sql)
        return try finish()
    }

    /// Plans a statement under a name, for `Statement.prepared`.
    public mutating func prepare(
        _ name: String, _ sql: String, types: [PostgresType] = []
    ) throws(PostgresError) {
        try requireIdle(.prepare)
        let types = types.map(\.oid)
        try require(unsafe PQsendPrepare(connection, name, sql, Int32(types.count), types), .prepare)
        phase = .pipeline(statements: 1)
        hasSent = true
        _ = try collectOne(.prepare, statement: nil)
        phase = .idle
    }

    /// Runs one statement; parameters and rows travel in binary.
    public mutating func query(
        _ statement: Statement, _ parameters: Parameters = Parameters()
    ) throws(PostgresError) -> StatementResult {
        try requireIdle(.query)
        try queue(statement, parameters, .query)
        phase = .pipeline(statements: 1)
        hasSent = true
        let result = try collectOne(.query, statement: nil)
        phase = .idle
        return result
    }

    /// Buffers a statement; nothing is sent before the next flush.
    func queue(
        _ statement: Statement, _ parameters: borrowing Parameters, _ operation: PostgresError.Operation
    ) throws(PostgresError) {
        guard parameters.byteCount <= settings.maximumParameterBytes else {
            throw PostgresError(
                operation,
                .limitExceeded(
                    name: "maximumParameterBytes", allowed: settings.maximumParameterBytes,
                    actual: parameters.byteCount),
                "too many bytes of parameters")
        }
        let count = Int32(parameters.count)
        let code = unsafe parameters.withPointers { types, values, lengths, formats in
            switch statement {
            case .sql(let text):
                unsafe PQsendQueryParams(connection, text, count, types, values, lengths, formats, 1)
            case .prepared(let name):
                unsafe PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1)
            }
        }
        try require(code, operation)
    }

    /// Takes the one result of a statement and the end that follows it.
    mutating func collectOne(
        _ operation: PostgresError.Operation, statement: Int?
    ) throws(PostgresError) -> StatementResult {
        var result: StatementResult?
        var fault: PostgresError?
        while true {
            try awaitAnswer(operation)
            guard let taken = unsafe PQgetResult(connection) else { break }
            switch unsafe PQresultStatus(taken) {
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
                if fault == nil { fault = PostgresError(operation, result: taken, statement: statement) }
                unsafe PQclear(taken)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                preconditionFailure("COPY has calls of its own: begin and feed, or copyOut")
            default: result = StatementResult(taking: taken)
            }
        }
        if let fault {
            phase = .idle
            throw fault
        }
        guard let result else {
            phase = .idle
            throw PostgresError(operation, .lost, "the connection ended without an answer")
        }
        return result
    }
}
