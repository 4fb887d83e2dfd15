import Core
import Domain
import Synchronization
import TestSupport
import Testing
import Threading
import Wire

@testable import Ingest

@Suite struct `The lease of the update stream` {
    @Test func `is not begun anew by a start that was cancelled while it read`() async throws {
        let log = WeakLog(MemoryLog())
        let floor = try await StreamFloor(log)
        let broker = try ScriptedBroker()
        let first = StreamEar()
        let one = StreamWork(floor.context(broker, first))
        try await first.wait { $0.standing.isReady }
        broker.say(StreamFloor.frame("new"))
        try await first.wait { $0.counts.live == 1 }
        try await one.stop()
        let until = try #require(try await floor.leases().last?.completeUntil)
        log.change { $0.holdsReaders = true }
        let two = StreamWork(floor.context(broker, StreamEar()))
        let deadline = ContinuousClock.now + .seconds(20)
        while log.now.held == 0, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        try #require(log.now.held > 0)
        try await two.stop()
        log.change { $0.holdsReaders = false }
        let third = StreamEar()
        let three = StreamWork(floor.context(broker, third))
        try await third.wait { $0.standing.isReady }
        #expect(third.now.epochs == [2])
        #expect(third.now.gapsOpened[0] == until.advanced(by: .zero - floor.limits.overlap))
        try await three.stop()
        await broker.stop()
    }

    @Test func `that is over and cannot be renewed ends the connection, and nobody dials until it is`() async throws {
        let log = WeakLog(MemoryLog())
        var floor = try await StreamFloor(log)
        floor.limits.lease = .seconds(1)
        floor.limits.renewal = .milliseconds(300)
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await ear.wait { $0.standing.isReady }
        let before = ear.now.ends.count
        log.change { $0.isAway = true }
        try await ear.wait { $0.ends.count > before }
        #expect(ear.now.ends.last == .leaseOver)
        let dialled = broker.connections
        let failures = ear.now.appendFailures
        // Many longest waits between two connections later.
        try await ear.wait { $0.appendFailures > failures + 20 }
        #expect(broker.connections == dialled && broker.listeners == 0)
        log.change { $0.isAway = false }
        try await ear.wait { $0.standing.isReady }
        #expect(broker.connections > dialled)
        try await work.stop()
        await broker.stop()
    }

    @Test func `of another process that came beside an opening is seen before anything is written`() async throws {
        let log = WeakLog(MemoryLog())
        var floor = try await StreamFloor(log)
        let (broker, first, second) = (try ScriptedBroker(), StreamEar(), StreamEar())
        let one = StreamWork(floor.context(broker, first))
        try await first.wait { $0.standing.isReady }
        floor.process = "p-2"
        let context = floor.context(broker, second, through: nil, log.log)
        let other = Mutex<StreamWork?>(nil)
        log.change {
            $0.beforeOpening = {
                let work = StreamWork(context)
                other.withLock { $0 = work }
                do { try await second.wait { $0.standing.isReady } } catch { Issue.record("\(error)") }
            }
            $0.reasons = [.outcomeUnknown("the test says so")]
        }
        broker.say(StreamFloor.frame("new"))
        guard case .failure(let error as LogError) = await one.ended(), error.isFenced else {
            Issue.record("not fenced")
            return
        }
        #expect(second.now.epochs == [2])
        #expect(try await floor.leases().filter { $0.process.text == "p-1" }.allSatisfy { $0.epoch == 1 })
        // What it had in hand was not written; whoever has the stream asks for it.
        #expect(first.now.counts.live == 0)
        _ = await other.withLock { $0 }?.ended()
        await broker.stop()
    }

    @Test func `is each account's own`() async throws {
        let floor = try await StreamFloor()
        let (broker, one, two) = (try ScriptedBroker(), StreamEar(), StreamEar())
        let first = StreamWork(floor.context(broker, one))
        try await one.wait { $0.standing.isReady }
        var context = floor.context(broker, two)
        var place = context.place
        place.account = AccountLabel(trusted: "other")
        context = StreamContext(
            log: context.log, place: place, process: context.process, time: context.time, observer: two)
        context.limits = floor.limits
        let second = StreamWork(context)
        try await two.wait { $0.standing.isReady }
        broker.say(StreamFloor.frame("new"))
        try await one.wait { $0.counts.live == 1 }
        try await two.wait { $0.counts.live == 1 }
        #expect(!one.now.isFenced && one.now.epochs == [1] && two.now.epochs == [1])
        try await first.stop()
        try await second.stop()
        await broker.stop()
    }

    @Test func `waits for a topic that is not there, and says what refuses it`() async throws {
        let log = WeakLog(MemoryLog())
        let floor = try await StreamFloor(log)
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await ear.wait { $0.standing.isReady }
        log.change { $0.reasons = [.unknownTopic("t"), .unknownPartition(TopicPartition("t", 0))] }
        broker.say(StreamFloor.frame("new"))
        try await ear.wait { $0.counts.live == 1 && $0.standing.isReady }
        #expect(ear.now.appendFailures == 2)
        #expect(ear.now.standings.contains { $0.errorClass == .kafkaMetadata })
        log.change { $0.reasons = [.refused("the test says so")] }
        broker.say(StreamFloor.frame("new", order: "o-2"))
        guard case .failure = await work.ended() else {
            Issue.record("it went on")
            return
        }
        #expect(ear.now.standings.contains { $0.errorClass == .kafkaAuth })
        await broker.stop()
    }
}

@Suite struct `The update stream's parts` {
    @Test func `whoever gives up waiting for room leaves no sign that there is none`() async {
        var limits = StreamLimits()
        limits.bufferedUpdates = 1
        let (bell, ear) = (Arrivals(), Told())
        let desk = StandingDesk { ear.hear($0) }
        let buffer = StreamBuffer(limits, bell, desk)
        #expect(await buffer.put(StreamBuffer.Item(connection: 1, origin: .stream)))
        let waiting = Task { await buffer.put(StreamBuffer.Item(connection: 1, origin: .stream)) }
        let deadline = ContinuousClock.now + .seconds(20)
        while !desk.now.isFull, ContinuousClock.now < deadline { await Task.yield() }
        #expect(desk.now.isFull)
        waiting.cancel()
        #expect(await !waiting.value)
        #expect(!desk.now.isFull && ear.last == desk.now)
    }

    @Test func `what is told last of the standing is how it is`() async {
        let told = Told()
        let desk = StandingDesk { standing in
            // Long enough to be overtaken, were that possible.
            for _ in 0..<Int.random(in: 0..<300) { _ = told.last }
            told.hear(standing)
        }
        for round in 0..<500 {
            await withTaskGroup(of: Void.self) { group in
                for number in 1...4 { group.addTask { desk.change { $0.connection = round * 4 + number } } }
            }
            guard told.last == desk.now else {
                Issue.record("overtaken in round \(round)")
                return
            }
        }
    }

    private final class Told: Sendable {
        private let standing = Mutex(StreamStanding())
        var last: StreamStanding { standing.withLock { $0 } }
        func hear(_ standing: StreamStanding) { self.standing.withLock { $0 = standing } }
    }
}
