import Dispatch
import Glibc
import Synchronization

/// Ctrl-C and a polite kill end a running command: its task is cancelled and closes what it holds.
enum Interruption {
    /// Runs the body until it ends or a signal comes; says whether one came.
    @discardableResult
    static func ends(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        let task = Task { try await body() }
        let interrupted = Mutex(false)
        let sources = [SIGINT, SIGTERM].map { number in
            // The default action would end the process before it has closed anything.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                interrupted.withLock { $0 = true }
                task.cancel()
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
}
