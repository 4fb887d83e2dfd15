import Dispatch
import Glibc
import Synchronization

/// Ctrl-C and a polite kill end a running command: its task is cancelled and closes what it holds.
enum Interruption {
    /// Runs the body until it ends or a signal comes; says whether one came.
    ///
    /// With a limit the process ends by then, whatever still hangs: what is not durable is done again by the next one.
    @discardableResult
    static func ends(
        within limit: Duration? = nil, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Bool {
        let task = Task { try await body() }
        let interrupted = Mutex(false)
        let sources = [SIGINT, SIGTERM].map { number in
            // The default action would end the process before it has closed anything.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let isFirst = interrupted.withLock { came in
                    defer { came = true }
                    return !came
                }
                task.cancel()
                if isFirst, let limit { end(within: limit) }
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        let result = await task.result
        let came = interrupted.withLock { $0 }
        if case .failure(let error) = result, !(came && error is CancellationError) { throw error }
        return came
    }

    /// A library that waits for a log that is away may hold a thread for minutes, and nobody can call it back.
    private static func end(within limit: Duration) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Int(limit.components.seconds))) {
            StandardError.line("torghut: not ended within \(limit), so it ends as it is")
            _exit(1)
        }
    }
}
