internal import Commands
public import Core

/// Puts what an operator decided on the log, under a writer's name that others may use at the same moment.
public enum OperatorAppend {
    /// Two at once fence one another for a moment; who is fenced has written nothing, and tries again.
    static let maximumTries = 100

    /// All of them in one append; answers where they lie.
    public static func append(
        _ records: [NewRecord], to log: any EventLog, as writer: String
    ) async throws(LogError) -> [RecordPosition] {
        let append = Append(records)
        try LogLimits.check(append)
        var tries = 0
        while true {
            tries += 1
            do throws(LogError) { return try await write(append, to: log, as: writer) } catch {
                guard case .fenced = error.reason, tries < maximumTries else { throw error }
            }
        }
    }

    private static func write(
        _ append: Append, to log: any EventLog, as name: String
    ) async throws(LogError) -> [RecordPosition] {
        let writer = try await log.writer(named: name)
        let outcome: Result<[RecordPosition], LogError>
        do throws(LogError) {
            try GivenUp.check()
            outcome = .success(try await writer.append(append))
        } catch { outcome = .failure(error) }
        await writer.close()
        return try outcome.get()
    }
}

/// A decision of an operator that the state of things does not let through.
public struct OperatorRefusal: Error, Equatable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// What it is about does not exist.
        case missing
        /// What it is about is not as it would have to be.
        case conflict
        /// The words contradict each other.
        case words
    }

    public let kind: Kind
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
