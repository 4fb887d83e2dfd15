internal import Core
internal import Threading

/// Runs file work on a thread that may wait for the disk, and never on one of the shared pool.
actor DiskWork {
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let executor = BlockingExecutor("journal disk")

    func run<Answer: Sendable>(
        _ body: @Sendable () throws(LogError) -> Answer
    ) throws(LogError) -> Answer { try body() }
}
