import Testing

@testable import Runtime

@Suite struct `Turns of those who read stories` {
    /// Holds a turn until it is told to end.
    private func holding(_ turns: ReadingTurns) async -> (
        task: Task<Void, any Error>, end: AsyncStream<Void>.Continuation
    ) {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let (began, begin) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await turns.take {
                begin.finish()
                for await _ in ends {}
            }
        }
        for await _ in began {}
        return (task, end)
    }

    private func line(of turns: ReadingTurns, reaches count: Int) async {
        while await turns.waiting != count { await Task.yield() }
    }

    @Test func `have a limit, and whoever is cancelled leaves the line`() async throws {
        let turns = ReadingTurns(1)
        let (task, end) = await holding(turns)
        var waiters: [Task<Int, any Error>] = []
        for number in 0..<ReadingTurns.maximumWaiting {
            waiters.append(Task { try await turns.take { number } })
            await line(of: turns, reaches: number + 1)
        }
        let refused = await Task { try await turns.take { 0 } }.result
        #expect(throws: (any Error).self) { try refused.get() }
        waiters[0].cancel()
        await line(of: turns, reaches: ReadingTurns.maximumWaiting - 1)
        await #expect(throws: CancellationError.self) { try await waiters[0].value }
        end.finish()
        try await task.value
        for (number, waiter) in waiters.enumerated().dropFirst() { #expect(try await waiter.value == number) }
        #expect(try await turns.take { 7 } == 7)
    }
}
