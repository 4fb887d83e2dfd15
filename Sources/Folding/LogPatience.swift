public import Core

/// How long whoever works on a log waits before he tries again; what cannot be mended by trying ends him.
///
/// A log that is away comes back at some time: attempts never end, they only get rarer.
public struct LogPatience: Sendable {
    private var backoff = Backoff(
        Backoff.Limits(first: .milliseconds(50), longest: .seconds(5), attempts: .max, total: .seconds(1 << 40)))

    /// One that worked so long had nothing to do with the failure before it.
    private static let steady: Duration = .seconds(30)

    /// The wait after this error, of one who had worked so long; throws what is not to be tried again.
    private mutating func pause(after error: LogError, having worked: Duration) throws(LogError) -> Duration {
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

extension LogPatience {
    /// Lives one life after another, until one ends by itself, the task is cancelled, or a failure is not to be tried
    /// again.
    public static nonisolated(nonsending) func live(
        _ time: any TimeSource, fenced: () -> Void, retrying: (LogError) -> Void,
        _ life: nonisolated(nonsending) () async throws(LogError) -> Void
    ) async throws(LogError) {
        var patience = LogPatience()
        while !Task.isCancelled {
            let start = time.uptime()
            do throws(LogError) { return try await life() } catch {
                if Task.isCancelled, error.disposition != .halt { return }
                if case .fenced = error.reason { fenced() }
                let pause = try patience.pause(after: error, having: time.uptime() - start)
                retrying(error)
                // Cancelled: there is nothing in hand.
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }
}
