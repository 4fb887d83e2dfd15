import Core
import Domain
import Ingest
import TestSupport
import Testing
import Threading
import Wire

@Suite struct `A broken network or log under the update stream` {
    /// Connected through the proxy, with one order on the stream.
    private func connected(
        _ floor: StreamFloor, _ broker: ScriptedBroker, _ proxy: FrameProxy
    ) async throws -> (StreamWork, StreamEar) {
        let ear = StreamEar()
        let work = StreamWork(floor.context(broker, ear, through: proxy.port))
        try await ear.wait { $0.standing.isReady }
        broker.say(StreamFloor.frame("new", order: "o-1"))
        try await ear.wait { $0.counts.live == 1 }
        return (work, ear)
    }

    private func fill(_ broker: ScriptedBroker, _ execution: String) {
        let now = SystemTime().now()
        broker.change { $0.activities.append(.init(execution: execution, order: "o-1", time: now)) }
        broker.say(
            StreamFloor.frame(
                "partial_fill", status: "partially_filled", at: now,
                extra: #","execution_id":"\#(execution)","price":"1","qty":"1""#))
    }

    @Test func `cut in the middle of a message, it begins anew and asks for what was in it`() async throws {
        let floor = try await StreamFloor()
        let broker = try ScriptedBroker()
        let proxy = try FrameProxy(to: broker.streamPort)
        let (work, ear) = try await connected(floor, broker, proxy)
        try proxy.halve()
        fill(broker, "e-1")
        try await ear.wait { $0.gapsClosed.count == 2 && $0.standing.isReady }
        #expect(ear.now.ends.count == 1 && ear.now.garbage == 0)
        let fills = try await floor.updates().filter { $0.executionID?.text == "e-1" }
        #expect(fills.count == 1)
        try await work.stop()
        await broker.stop()
    }

    @Test func `a connection that passes nothing and does not end is noticed`() async throws {
        let floor = try await StreamFloor()
        let broker = try ScriptedBroker()
        let proxy = try FrameProxy(to: broker.streamPort)
        let (work, ear) = try await connected(floor, broker, proxy)
        try proxy.freeze()
        fill(broker, "e-1")
        let start = ContinuousClock.now
        try await ear.wait { $0.gapsClosed.count == 2 && $0.standing.isReady }
        #expect(ContinuousClock.now - start < .seconds(12))
        #expect(try await floor.updates().contains { $0.executionID?.text == "e-1" })
        try await work.stop()
        await broker.stop()
    }

    @Test func `while the log is away nothing is lost, memory is bounded, and it is not ready`() async throws {
        let log = WeakLog(MemoryLog())
        var floor = try await StreamFloor(log)
        floor.limits.bufferedUpdates = 50
        floor.limits.appendUpdates = 20
        floor.limits.queuedFrames = 10
        floor.limits.deadAfter = .seconds(60)
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await ear.wait { $0.standing.isReady }
        log.change { $0.isAway = true }
        let count = 400
        for number in 0..<count { broker.say(StreamFloor.frame("new", order: "o-\(number)", symbol: "S\(number % 7)")) }
        try await ear.wait { $0.appendFailures >= 5 && !$0.standing.isLogWell && $0.most >= 50 }
        let away = ear.now
        // The batch under way, the buffer, and one in hand; the rest waits in the socket, and then at the broker.
        #expect(away.received <= 20 + 50 + 1 && away.most <= 50, "\(away.received), \(away.most)")
        #expect(away.standing.errorClass == .kafkaProduce && away.standing.isListening && !away.standing.isReady)
        #expect(away.ends.isEmpty)
        log.change { $0.isAway = false }
        try await ear.wait { $0.counts.live == count && $0.standing.isReady }
        let mood = log.now
        #expect(mood.mostAtOnce == 1 && mood.mostRecords <= 2 * 20 + 1)
        for topic in [TopicCatalog.tradeUpdates, TopicCatalog.tradeUpdatesV2] {
            let orders = try await floor.updates(topic).compactMap { $0.orderID?.text }
            #expect(orders.count == count && Set(orders).count == count)
        }
        // Of one symbol they lie in the order they came.
        let one = try await floor.updates().filter { $0.symbol?.text == "S3" }.compactMap(\.feedSeq)
        #expect(one == (1...Int64(one.count)).map(\.self))
        try await work.stop()
        await broker.stop()
    }

    @Test func `a slow log takes what came meanwhile at once, and counts as away while it is too slow`() async throws {
        let log = WeakLog(MemoryLog())
        var floor = try await StreamFloor(log)
        floor.limits.appendPatience = .milliseconds(100)
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await ear.wait { $0.standing.isReady }
        log.change {
            $0.pause = .milliseconds(400)
            $0.appends = 0
        }
        for number in 0..<300 { broker.say(StreamFloor.frame("new", order: "o-\(number)")) }
        // Nothing has failed, and yet it is not well.
        try await ear.wait { !$0.standing.isLogWell }
        #expect(!ear.now.standing.isReady && ear.now.appendFailures == 0)
        try await ear.wait { $0.counts.live == 300 }
        #expect(log.now.appends < 10 && log.now.mostAtOnce == 1 && ear.now.ends.isEmpty)
        log.change { $0.pause = nil }
        try await ear.wait { $0.standing.isReady }
        try await work.stop()
        await broker.stop()
    }

    @Test func `an end while the log is away is soon over, and the next start asks for the rest`() async throws {
        let log = WeakLog(MemoryLog())
        var floor = try await StreamFloor(log)
        floor.limits.drain = .milliseconds(200)
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await ear.wait { $0.standing.isReady }
        log.change { $0.isAway = true }
        fill(broker, "e-1")
        try await ear.wait { $0.received == 1 && $0.appendFailures >= 5 }
        try await work.stop()
        #expect(ear.now.leftBehind >= 1)
        #expect(try await floor.updates().isEmpty)
        log.change { $0.isAway = false }
        let next = StreamEar()
        let again = StreamWork(floor.context(broker, next))
        try await next.wait { $0.standing.isReady }
        #expect(try await floor.updates().compactMap { $0.executionID?.text } == ["e-1"])
        try await again.stop()
        await broker.stop()
    }

    @Test func `an append whose outcome is unknown is made again`() async throws {
        let log = FaultyLog(
            MemoryLog(), failing: "torghut.stream.paper", [.none, .none, .none, .afterWriting, .beforeWriting])
        let floor = try await StreamFloor(log)
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await ear.wait { $0.standing.isReady }
        for number in 0..<20 {
            broker.say(StreamFloor.frame("new", order: "o-\(number)"))
            try await ear.wait { $0.counts.live == number + 1 }
        }
        #expect(ear.now.appendFailures == 2)
        let orders = try await floor.updates().compactMap { $0.orderID?.text }
        #expect(Set(orders).count == 20 && orders.count <= 21)
        try await work.stop()
        await broker.stop()
    }
}
