public import Core
internal import Threading

/// The handler: answers decisions, each once, and writes answer and position in one append.
///
/// One process answers at a time; the one that came last fences the others. It runs on a thread of its own.
public actor CommandHandler {
    private nonisolated let executor = BlockingExecutor("commands.decide")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let context: HandlerContext

    public init(_ context: HandlerContext) { self.context = context }

    /// Runs until the task is cancelled; throws when another process answers now, or when it cannot go on.
    public func run() async throws(LogError) {
        var backoff = Self.patience
        while !Task.isCancelled {
            let start = context.time.uptime()
            do throws(LogError) {
                try await HandlerLife.begin(context).run()
                return
            } catch {
                if Task.isCancelled, error.disposition != .halt { return }
                if context.time.uptime() - start > Self.steady { backoff.reset() }
                let pause = try Self.pause(after: error, &backoff, context)
                context.observer.noted(.retrying(error))
                context.observer.noted(.restarting(error))
                // Cancelled: there is nothing in hand.
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }

    /// One that worked so long had nothing to do with the failure before it.
    private static let steady: Duration = .seconds(30)

    /// A log that is away comes back at some time: attempts never end, they only get rarer.
    private static let patience = Backoff(
        Backoff.Limits(first: .milliseconds(50), longest: .seconds(5), attempts: .max, total: .seconds(1 << 40)))

    private static func pause(
        after error: LogError, _ backoff: inout Backoff, _ context: HandlerContext
    ) throws(LogError) -> Duration {
        if case .fenced = error.reason {
            context.observer.noted(.fenced)
            throw error
        }
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
