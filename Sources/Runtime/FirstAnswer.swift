/// An answer, or that none came in time; whoever is late is not waited for.
public enum FirstAnswer {
    public static func of<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async -> Value
    ) async -> Value? {
        let (stream, answers) = AsyncStream.makeStream(of: Optional<Value>.self, bufferingPolicy: .bufferingOldest(1))
        let work = Task { answers.yield(await body()) }
        let timer = Task {
            // Cancelled: the answer came first.
            do { try await Task.sleep(for: limit) } catch { return }
            answers.yield(nil)
        }
        defer {
            timer.cancel()
            work.cancel()
        }
        for await answer in stream { return answer }
        return nil
    }
}
