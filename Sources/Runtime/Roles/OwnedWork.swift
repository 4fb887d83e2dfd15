internal import Synchronization

/// Work on some partitions, which ends by itself or when it is told to.
final class OwnedWork: Sendable {
    private let task: Task<Void, Never>
    private let result: Outcome

    private final class Outcome: Sendable {
        let value = Mutex<Result<Void, any Error>?>(nil)
    }

    init(_ body: @escaping @Sendable () async throws -> Void) {
        let result = Outcome()
        self.result = result
        task = Task {
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
            result.value.withLock { $0 = outcome }
        }
    }

    /// `nil` while it works.
    var outcome: Result<Void, any Error>? { result.value.withLock { $0 } }

    /// Returns when the batch in hand is committed, or has failed.
    func stop() async {
        task.cancel()
        await task.value
    }
}
