import Synchronization
import TestSupport
import Testing

@testable import Threading

/// Many tasks at both ends, some of them cancelled at random: what was sent is received once, in order, and nobody
/// is left waiting (the time limit would end that).
@Suite(.timeLimit(.minutes(2))) struct `A bounded channel under load` {
    struct Item: Hashable, Sendable {
        let producer: Int
        let number: Int
    }

    private final class Ledger: Sendable {
        private let items = Mutex<Set<Item>>([])
        var all: Set<Item> { items.withLock { $0 } }
        func insert(_ item: Item) { items.withLock { _ = $0.insert(item) } }
    }

    private final class Flag: Sendable {
        private let state = Atomic<Bool>(false)
        var isUp: Bool { state.load(ordering: .acquiring) }
        func raise() { state.store(true, ordering: .releasing) }
    }

    @Test func `loses nothing, repeats nothing and keeps each sender's order`() async throws {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let channel = BoundedChannel<Item>(capacity: Int.random(in: 1...8, using: &generator))
            let sent = Ledger()
            let producers = (0..<Int.random(in: 1...6, using: &generator)).map { producer in
                let count = Int.random(in: 1...60, using: &generator)
                return Task {
                    for number in 0..<count {
                        do { try await channel.send(Item(producer: producer, number: number)) } catch { return }
                        sent.insert(Item(producer: producer, number: number))
                    }
                }
            }
            let consumers = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                let limit = Int.random(in: 1...5, using: &generator)
                return Task { await Self.consume(channel, upTo: limit) }
            }
            // The first consumer stays, so that every sender comes through; any other task may be cancelled.
            for task in producers where Int.random(in: 0..<4, using: &generator) == 0 {
                for _ in 0..<Int.random(in: 0...30, using: &generator) { await Task.yield() }
                task.cancel()
            }
            for task in consumers.dropFirst() where Bool.random(using: &generator) {
                for _ in 0..<Int.random(in: 0...30, using: &generator) { await Task.yield() }
                task.cancel()
            }
            for producer in producers { await producer.value }
            channel.close()
            var received: [Item] = []
            for consumer in consumers {
                let items = await consumer.value
                for (producer, own) in Dictionary(grouping: items, by: \.producer) {
                    #expect(own.map(\.number) == own.map(\.number).sorted(), "seed \(seed), producer \(producer)")
                }
                received += items
            }
            #expect(received.count == Set(received).count, "seed \(seed): something came twice")
            #expect(Set(received) == sent.all, "seed \(seed)")
            #expect(channel.waiting == (0, 0), "seed \(seed)")
        }
    }

    private static func consume(_ channel: BoundedChannel<Item>, upTo limit: Int) async -> [Item] {
        var items: [Item] = []
        while true {
            do throws(ChannelError) {
                let batch = try await channel.receive(upTo: limit)
                if batch.isEmpty { return items }
                items += batch
            } catch {
                return items  // Cancelled: what it took before counts.
            }
        }
    }

    @Test func `wakes somebody for every element when all wait at once`() async throws {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let channel = BoundedChannel<Int>(capacity: Int.random(in: 1...3, using: &generator))
            let count = Int.random(in: 2...20, using: &generator)
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<count {
                    group.addTask { try await channel.receive() ?? 0 }
                    group.addTask {
                        try await channel.send(number)
                        return 0
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == (0..<count).reduce(0, +), "seed \(seed)")
            #expect(channel.count == 0, "seed \(seed)")
        }
    }

    /// Nothing is ever sent or taken here, so a call that misses its cancellation waits until the time limit.
    @Test func `a cancellation at any moment ends the call`() async throws {
        let (empty, full) = (BoundedChannel<Int>(capacity: 1), BoundedChannel<Int>(capacity: 1))
        try await full.send(0)
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            for _ in 0..<50 {
                let started = Flag()
                let isReceiver = Bool.random(using: &generator)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        started.raise()
                        await #expect(throws: ChannelError.self, "seed \(seed)") {
                            if isReceiver { _ = try await empty.receive() } else { try await full.send(1) }
                        }
                    }
                    while !started.isUp { await Task.yield() }
                    for _ in 0..<Int.random(in: 0...200, using: &generator) { _ = empty.count }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
        }
        #expect(empty.waiting == (0, 0) && full.waiting == (0, 0) && full.count == 1)
    }

    @Test func `the ring under it keeps order through growth, wrapping and removal`() {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            var ring = Ring<Int>()
            var model: [Int] = []
            for step in 0..<200 {
                switch Int.random(in: 0..<5, using: &generator) {
                case 0, 1, 2:
                    ring.append(step)
                    model.append(step)
                case 3:
                    #expect(ring.popFirst() == (model.isEmpty ? nil : model.removeFirst()), "seed \(seed)")
                default:
                    let wanted = Int.random(in: 0...step, using: &generator)
                    let place = model.firstIndex(of: wanted)
                    #expect(ring.remove { $0 == wanted } == place.map { model.remove(at: $0) }, "seed \(seed)")
                }
                #expect(ring.count == model.count, "seed \(seed)")
            }
            while let first = ring.popFirst() { #expect(first == model.removeFirst(), "seed \(seed)") }
            #expect(model.isEmpty, "seed \(seed)")
        }
    }
}
