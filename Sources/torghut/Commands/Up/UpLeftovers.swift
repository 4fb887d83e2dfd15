import Glibc

/// What an `up` that was killed has left running: it ends by itself within moments, because its input has ended.
///
/// What hangs is killed, and only that: a process is known by its number and by when it started.
enum UpLeftovers {
    /// So long they may take to end by themselves.
    static let patience: Duration = .seconds(5)
    private static let look: Duration = .milliseconds(20)

    /// Returns when none of them is left; answers whom it had to kill.
    static func end(_ folder: UpFolder) async throws -> [String] {
        guard let card = UpCard.read(folder) else { return [] }
        let deadline = ContinuousClock.now + patience
        var left = card.processes.filter { $0.pid != getpid() && $0.isAlive }
        while !left.isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: look)
            left = left.filter(\.isAlive)
        }
        for process in left where process.isAlive { kill(process.pid, SIGKILL) }
        let killed = left.map { "\($0.name) (process \($0.pid))" }
        while !left.isEmpty {
            try await Task.sleep(for: look)
            left = left.filter(\.isAlive)
        }
        return killed
    }
}
