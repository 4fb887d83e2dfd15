import Dispatch
import Testing
import Threading

@Suite(.timeLimit(.minutes(1))) struct `A blocking executor` {
    actor Counter {
        private let executor = BlockingExecutor("blocking-test")
        private var count = 0
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

        func increment() { count += 1 }
        var value: Int { count }
        func wait(for semaphore: DispatchSemaphore) { semaphore.wait() }
    }

    @Test func `runs one job at a time`() async {
        let counter = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<1_000 { group.addTask { await counter.increment() } }
        }
        #expect(await counter.value == 1_000)
    }

    @Test func `blocked actors, many more than there are cores, do not hold up other tasks`() async {
        let semaphore = DispatchSemaphore(value: 0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<32 {
                let counter = Counter()
                group.addTask { await counter.wait(for: semaphore) }
            }
            // Runs on the shared pool, which the blocked actors leave alone; else this would never be reached.
            group.addTask { for _ in 0..<32 { semaphore.signal() } }
        }
    }
}
