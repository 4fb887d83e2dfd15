public import Core

/// Puts on the log what follows from what is on it, while nobody else of the writer's name can say anything.
///
/// The writer is opened before the log is read. Who opens it later goes on, and the other's word is refused by the log:
/// whatever `make` saw still holds when its word is there. Who is refused has written nothing, and looks again.
public enum JudgedAppend {
    /// Looks at the log and tries, so often; several at once are more patient with each other every time.
    static let maximumTries = 8
    /// Waited at most before the second try, and twice as long before each other.
    static let firstPause: Duration = .milliseconds(20)

    /// Answers where the records lie; nowhere when `make` finds nothing to say.
    public static func append(
        to log: any EventLog, as name: String, _ make: (any EventLog) async throws -> [NewRecord]
    ) async throws -> [RecordPosition] {
        var tries = 1
        while true {
            do { return try await write(to: log, as: name, make) } catch let error as LogError {
                guard case .fenced = error.reason, tries < maximumTries else { throw error }
            }
            // By chance, so that two do not take the writer from each other for ever.
            try await Task.sleep(for: firstPause * Double.random(in: 0...1) * (1 << (tries - 1)))
            tries += 1
        }
    }

    private static func write(
        to log: any EventLog, as name: String, _ make: (any EventLog) async throws -> [NewRecord]
    ) async throws -> [RecordPosition] {
        let writer = try await log.writer(named: name)
        let outcome: Result<[RecordPosition], any Error>
        do {
            let records = try await make(log)
            if records.isEmpty {
                outcome = .success([])
            } else {
                let append = Append(records)
                try LogLimits.check(append)
                try GivenUp.check()
                outcome = .success(try await writer.append(append))
            }
        } catch { outcome = .failure(error) }
        await writer.close()
        return try outcome.get()
    }
}

/// Whether anybody still waits for what is about to be appended.
public enum GivenUp {
    /// Whoever left was told that it failed, so it must not be said behind his back.
    public static func check() throws(LogError) {
        if Task.isCancelled { throw LogError(.append, .timedOut("given up before it was appended")) }
    }
}
