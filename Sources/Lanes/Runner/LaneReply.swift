public import Domain
internal import HTTPClient

/// What came of one question to the runner.
public struct LaneReply: Sendable, Equatable {
    /// The body of an answer in the two hundreds; anything else is a failure that a lane records.
    public let result: Result<[UInt8], LaneFault>
    public let latencyMicroseconds: Int64

    init(_ exchange: HTTPExchange) {
        latencyMicroseconds = Int64(exchange.evidence.total / .microseconds(1))
        switch exchange.result {
        case .success(let response) where (200...299).contains(response.status): result = .success(response.body)
        case .success(let response):
            result = .failure(
                LaneFault(
                    .httpError, status: Int64(response.status), reason: "status \(response.status)",
                    body: response.body))
        case .failure(let error): result = .failure(LaneFault(Self.failure(error), reason: error.description))
        }
    }

    private static func failure(_ error: HTTPError) -> LaneFailure {
        switch error {
        case .timedOut: .timeout
        // Every connection was in use for as long as the question may take.
        case .busy: .timeout
        case .unreachable, .untrusted, .address: .networkError
        case .tooLarge: .contractViolation
        case .forbidden: .unknownError
        }
    }
}

/// Why a lane has no answer.
public struct LaneFault: Error, Sendable, Equatable {
    public let failure: LaneFailure
    /// Of the answer, when there was one.
    public let status: Int64?
    public let reason: String
    /// Of an answer that is an error: the runner's own words.
    public let body: [UInt8]

    public init(_ failure: LaneFailure, status: Int64? = nil, reason: String, body: [UInt8] = []) {
        self.failure = failure
        self.status = status
        self.reason = reason
        self.body = body
    }
}
