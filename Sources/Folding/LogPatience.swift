public import Core

/// How long whoever works on a log waits before he tries again; what cannot be mended by trying ends him.
///
/// A log that is away comes back at some time: attempts never end, they only get rarer.
public struct LogPatience: Sendable {
    private var backoff = Backoff(
        Backoff.Limits(first: .milliseconds(50), longest: .seconds(5), attempts: .max, total: .seconds(1 << 40)))

    /// One that worked so long had nothing to do with the failure before it.
    private static let steady: Duration = .seconds(30)

    public init() {}

    /// The wait after this error, of one who had worked so long; throws what is not to be tried again.
    public mutating func pause(after error: LogError, having worked: Duration) throws(LogError) -> Duration {
        if worked > Self.steady { backoff.reset() }
        if case .fenced = error.reason { throw error }
        switch error.disposition {
        case .retry, .reopen:
            var random = SystemRandomNumberGenerator()
            do { return try backoff.next(using: &random) } catch {
                throw LogError(.open, .failed("gave up after too many attempts"))
            }
        default: throw error
        }
    }
}
