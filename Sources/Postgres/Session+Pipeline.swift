internal import CLibpq

/// One statement of a pipeline.
public struct PipelineStep: Sendable {
    public var statement: Statement
    public var parameters: Parameters

    public init(_ statement: Statement, _ parameters: Parameters = Parameters()) {
        self.statement = statement
        self.parameters = parameters
    }
}

/// Several statements in one round trip.
///
/// They are one transaction without BEGIN and COMMIT: the server commits at the end, or undoes all at the first error.
/// COPY is impossible here: libpq lets it through, and the server ends the session.
extension Session {
    public mutating func pipeline(_ steps: [PipelineStep]) throws(PostgresError) -> [StatementResult] {
        try sendPipeline(steps)
        return try finishPipeline()
    }

    /// Sends everything and waits for nothing; `finishPipeline` must follow.
    public mutating func sendPipeline(_ steps: [PipelineStep]) throws(PostgresError) {
        try requireIdle(.pipeline)
        let bytes = steps.reduce(0) { $0 + $1.parameters.byteCount }
        guard bytes <= settings.maximumParameterBytes else {
            throw PostgresError(
                .pipeline,
                .limitExceeded(
                    name: "maximumParameterBytes", allowed: settings.maximumParameterBytes, actual: bytes),
                "too many bytes of parameters")
        }
        try require(unsafe PQenterPipelineMode(connection), .pipeline)
        for step in steps { try queue(step.statement, step.parameters, .pipeline) }
        try require(unsafe PQpipelineSync(connection), .pipeline)
        phase = .pipeline(statements: steps.count)
        hasSent = true
        // What does not fit into the socket now goes out while answers come in.
        unsafe _ = PQflush(connection)
    }

    /// One result per statement, or the first error, with its statement's number.
    ///
    /// An explicit transaction that failed is rolled back, which costs one more round trip.
    public mutating func finishPipeline() throws(PostgresError) -> [StatementResult] {
        guard case .pipeline(let count) = phase else { preconditionFailure("no pipeline was sent") }
        var results: [StatementResult] = []
        results.reserveCapacity(count)
        var fault: PostgresError?
        for statement in 0..<count {
            do throws(PostgresError) {
                let result = try collectOne(.pipeline, statement: statement)
                // After an error the server skips what follows, and so says each of the results.
                if fault == nil { results.append(result) }
            } catch {
                if fault == nil { fault = error }
                guard isOpen else { throw error }
            }
        }
        phase = .idle
        try takeSync()
        if let fault {
            if isInTransaction { try run("ROLLBACK") }
            throw fault
        }
        return results
    }

    private mutating func takeSync() throws(PostgresError) {
        try awaitAnswer(.pipeline)
        guard let sync = unsafe PQgetResult(connection) else {
            throw PostgresError(.pipeline, .lost, "the pipeline ended without its end")
        }
        defer { unsafe PQclear(sync) }
        guard unsafe PQresultStatus(sync) == PGRES_PIPELINE_SYNC else {
            // A commit at the end may fail too, for instance at a deferred constraint.
            let fault = PostgresError(.pipeline, result: sync)
            try leaveAfterFault()
            throw fault
        }
        try require(unsafe PQexitPipelineMode(connection), .pipeline)
    }

    /// Passes over everything up to the end of the pipeline.
    private mutating func leaveAfterFault() throws(PostgresError) {
        while isOpen {
            try awaitAnswer(.pipeline)
            guard let result = unsafe PQgetResult(connection) else { continue }
            let isEnd = unsafe PQresultStatus(result) == PGRES_PIPELINE_SYNC
            unsafe PQclear(result)
            if isEnd { return try require(unsafe PQexitPipelineMode(connection), .pipeline) }
        }
    }
}
