import Testing

@testable import Threading

@Suite(.timeLimit(.minutes(1))) struct `A bounded channel` {
    struct Ending: Error, Equatable {}

    /// Returns once the other tasks have got as far as `condition` says; the suite's time limit ends a hang.
    private func until(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

    @Test func `gives what was sent, in order, one by one or many at once`() async throws {
        let channel = BoundedChannel<Int>(capacity: 10)
        for number in 1...7 { try await channel.send(number) }
        #expect(try await channel.receive() == 1)
        #expect(try await channel.receive(upTo: 3) == [2, 3, 4])
        #expect(try await channel.receive(upTo: 100) == [5, 6, 7])
        #expect(channel.count == 0)
    }

    @Test func `never holds more than its capacity, and senders wait in turn`() async throws {
        let channel = BoundedChannel<Int>(capacity: 2)
        #expect(try channel.trySend(1))
        #expect(try channel.trySend(2))
        #expect(try !channel.trySend(3))
        let third = Task { try await channel.send(3) }
        await until { channel.waiting.senders == 1 }
        let fourth = Task { try await channel.send(4) }
        await until { channel.waiting.senders == 2 }
        #expect(channel.count == 2)
        #expect(try await channel.receive() == 1)
        try await third.value
        #expect(channel.waiting.senders == 1)
        #expect(try await channel.receive(upTo: 10) == [2, 3, 4])
        try await fourth.value
    }

    @Test func `a batch takes no more than was asked for, also from those who wait to send`() async throws {
        let channel = BoundedChannel<Int>(capacity: 1)
        #expect(try channel.trySend(1))
        let senders = (2...4).map { number in Task { try await channel.send(number) } }
        await until { channel.waiting.senders == 3 }
        let taken = try await channel.receive(upTo: 2)
        #expect(taken.count == 2 && taken.first == 1)
        #expect(channel.count == 1 && channel.waiting.senders == 1)
        _ = try await channel.receive(upTo: 2)
        for sender in senders { try await sender.value }
    }

    @Test func `wakes the receiver that has waited longest`() async throws {
        let channel = BoundedChannel<Int>(capacity: 1)
        let first = Task { try await channel.receive() }
        await until { channel.waiting.receivers == 1 }
        let second = Task { try await channel.receive() }
        await until { channel.waiting.receivers == 2 }
        try await channel.send(1)
        try await channel.send(2)
        #expect(try await first.value == 1)
        #expect(try await second.value == 2)
    }

    @Test func `after closing gives what is there, then nil, and takes nothing more`() async throws {
        let channel = BoundedChannel<Int>(capacity: 1)
        try await channel.send(1)
        let late = Task { try await channel.send(2) }
        await until { channel.waiting.senders == 1 }
        channel.close()
        channel.close(throwing: Ending())  // Too late to change anything.
        await #expect(throws: ChannelError.self) { try await late.value }
        await #expect(throws: ChannelError.self) { try await channel.send(3) }
        #expect(throws: ChannelError.self) { try channel.trySend(3) }
        #expect(try await channel.receive() == 1)
        #expect(try await channel.receive() == nil)
        #expect(try await channel.receive(upTo: 5) == [])
    }

    @Test func `after closing with an error gives what is there, then the error, each time`() async throws {
        let channel = BoundedChannel<Int>(capacity: 2)
        try await channel.send(1)
        channel.close(throwing: Ending())
        #expect(try await channel.receive() == 1)
        for _ in 0..<2 {
            let failure = await #expect(throws: ChannelError.self) { try await channel.receive() }
            guard case .failed(let error) = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(error as? Ending == Ending())
        }
    }

    @Test func `closing wakes every receiver`() async throws {
        let channel = BoundedChannel<Int>(capacity: 1)
        let receivers = (0..<5).map { _ in Task { try await channel.receive() } }
        await until { channel.waiting.receivers == 5 }
        channel.close()
        for receiver in receivers { #expect(try await receiver.value == nil) }
    }

    @Test func `a cancelled receiver takes nothing, and the others get their turn`() async throws {
        let channel = BoundedChannel<Int>(capacity: 1)
        let cancelled = Task { try await channel.receive() }
        await until { channel.waiting.receivers == 1 }
        let patient = Task { try await channel.receive() }
        await until { channel.waiting.receivers == 2 }
        cancelled.cancel()
        await #expect(throws: ChannelError.self) { try await cancelled.value }
        try await channel.send(1)
        #expect(try await patient.value == 1)
    }

    @Test func `a cancelled sender has sent nothing, and the others keep their turn`() async throws {
        let channel = BoundedChannel<Int>(capacity: 1)
        try await channel.send(1)
        let cancelled = Task { try await channel.send(2) }
        await until { channel.waiting.senders == 1 }
        let patient = Task { try await channel.send(3) }
        await until { channel.waiting.senders == 2 }
        cancelled.cancel()
        await #expect(throws: ChannelError.self) { try await cancelled.value }
        #expect(try await channel.receive(upTo: 10) == [1, 3])
        try await patient.value
    }

    @Test func `a task cancelled before it asks gets nothing, even when there is something`() async throws {
        let channel = BoundedChannel<Int>(capacity: 2)
        try await channel.send(1)
        let late = Task {
            while !Task.isCancelled { await Task.yield() }
            await #expect(throws: ChannelError.self) { try await channel.send(2) }
            await #expect(throws: ChannelError.self) { try await channel.receive() }
        }
        late.cancel()
        await late.value
        #expect(channel.count == 1)
    }
}
