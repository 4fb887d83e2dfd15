import Core
import Domain
import Ingest
import TestSupport
import Testing
import Threading
import Wire

@Suite struct `A gap in the broker's update stream` {
    private let now = SystemTime().now()

    private func time(_ seconds: Int64) -> Timestamp { now.advanced(by: .seconds(seconds)) ?? now }

    private func closed(_ ear: StreamEar, _ count: Int = 1) async throws {
        try await ear.wait { $0.gapsClosed.count >= count && $0.standing.isReady }
    }

    private func asked(_ broker: ScriptedBroker, _ part: String) -> [String] {
        broker.questions.filter { $0.contains(part) }
    }

    @Test func `is closed from the lists, page by page, with what began a little before it`() async throws {
        var floor = try await StreamFloor()
        floor.limits.overlap = .seconds(60)
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await closed(ear)
        broker.say(StreamFloor.frame("new", order: "o-1", at: now))
        try await ear.wait { $0.counts.live == 1 }
        // Seven orders and seven executions of the time without a stream, two of them at one moment; pages of three.
        broker.change { script in
            script.pageSize = 3
            for number in 0..<7 {
                script.orders.append(
                    .init(id: "g-\(number)", status: "filled", submitted: time(Int64(number / 2)), filled: "1"))
                script.activities.append(
                    .init(execution: "e-\(number)", order: "g-\(number)", time: time(Int64(number))))
            }
        }
        broker.drop()
        try await closed(ear, 2)
        let updates = try await floor.updates()
        for number in 0..<7 {
            let told = updates.filter { $0.orderID?.text == "g-\(number)" }
            #expect(told.count { $0.eventType == nil && $0.status?.text == "filled" } >= 1, "\(number)")
            let fills = told.filter { $0.executionID?.text == "e-\(number)" }
            #expect(fills.count == 1 && fills[0].fill.sliceQty == 1 && fills[0].symbol?.text == "AAPL")
            #expect(fills[0].eventType?.text == "partial_fill" && fills[0].fill.filledQty == 1)
        }
        #expect(try await floor.messages().filter { $0.contains("g-") }.allSatisfy { $0.contains(#""source":"rest""#) })
        let since = try #require(ear.now.gapsOpened.last)
        #expect((30...60).contains(now.since(since) / .seconds(1)), "\(now.since(since))")
        try await work.stop()
        await broker.stop()
    }

    @Test func `tells of orders that were open and ended meanwhile, however old they are`() async throws {
        var floor = try await StreamFloor()
        floor.limits.overlap = .seconds(1)
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let old = time(-80_000)
        broker.change { script in
            for (number, id) in ["canceled", "open", "gone"].enumerated() {
                script.orders.append(
                    .init(id: id, status: "new", submitted: old.advanced(by: .seconds(number)) ?? old))
            }
            // One that ended long ago is known, if it ever was ours.
            script.orders.append(.init(id: "past", status: "filled", submitted: time(-70_000)))
        }
        let work = StreamWork(floor.context(broker, ear))
        // The first look of a process goes back a day: it does not know which orders were open.
        try await closed(ear)
        #expect(ear.now.gapsClosed[0].orders == 4)
        broker.say(StreamFloor.frame("new", order: "fresh", at: now))
        try await ear.wait { $0.counts.live == 1 }
        broker.change { script in
            script.orders[0].status = "canceled"
            script.orders.remove(at: 2)
        }
        broker.drop()
        try await closed(ear, 2)
        let told = try await floor.updates().filter { $0.orderID?.text == "canceled" }
        #expect(told.last?.status?.text == "canceled")
        // Each of those that no list names is asked for by itself, once: one that the broker does not know is forgotten.
        #expect(asked(broker, "/v2/orders/canceled").count == 1 && asked(broker, "/v2/orders/gone").count == 1)
        #expect(asked(broker, "/v2/orders/open").isEmpty)
        broker.drop()
        try await closed(ear, 3)
        #expect(asked(broker, "/v2/orders/gone").count == 1 && asked(broker, "/v2/orders/canceled").count == 1)
        try await work.stop()
        // The next process looks back a day too, and tells only of what may have changed in its gap.
        let next = StreamEar()
        let again = StreamWork(floor.context(broker, next))
        try await closed(next)
        #expect(next.now.gapsClosed[0].orders == 1)
        try await again.stop()
        await broker.stop()
    }

    @Test func `stays open while the lists fail, and what comes meanwhile is passed on`() async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        broker.change { script in
            script.answersLists = false
            script.failures = [429, 500, 503, 429, 502, 400]
            script.activities = [.init(execution: "e-1", order: "o-9", time: time(-5))]
        }
        let work = StreamWork(floor.context(broker, ear))
        try await ear.wait { $0.gapRetries.count >= 2 && $0.standing.isListening }
        broker.say(StreamFloor.frame("new"))
        try await ear.wait { $0.counts.live == 1 }
        let standing = ear.now.standing
        #expect(!standing.isReady && standing.errorClass == .gapOpen && standing.description == "gap open")
        #expect(standing.isOpen(.alpacaWS) && standing.isOpen(.kafka) && !standing.isOpen(.tradeUpdates))
        broker.change { $0.answersLists = true }
        try await closed(ear)
        #expect(ear.now.gapRetries.contains(.rateLimited) && ear.now.gapRetries.contains(.http5xx))
        #expect(try await floor.updates().contains { $0.executionID?.text == "e-1" })
        try await work.stop()
        await broker.stop()
    }

    @Test func `refused by the lists for the keys is asked for slowly`() async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(.init(failures: [401])), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await ear.wait { $0.standing.errorClass == .auth }
        #expect(ear.now.gapRetries == [.authRejected] && broker.questions.count == 1)
        try await work.stop()
        await broker.stop()
    }

    @Test func `begins where the log ends, also after a restart`() async throws {
        var floor = try await StreamFloor()
        floor.limits.overlap = .seconds(10)
        floor.limits.lookback = .seconds(1_000)
        let broker = try ScriptedBroker()
        let first = StreamEar()
        var work = StreamWork(floor.context(broker, first))
        try await closed(first)
        // Nothing is known: it looks back so far and no further.
        let since = try #require(first.now.gapsOpened.first)
        let back = Duration.seconds(1_010)
        #expect(now.since(since) <= back && SystemTime().now().since(since) >= back, "\(now.since(since))")
        broker.say(StreamFloor.frame("new", at: time(3_600)))
        try await first.wait { $0.counts.live == 1 }
        try await work.stop()
        let stopped = try #require(try await floor.leases().last)
        // A word from the future does not hide what comes until then.
        let until = try #require(stopped.completeUntil)
        #expect(until.since(now) < .seconds(30) && stopped.expiresAt <= until.advanced(by: .seconds(30)) ?? until)
        // The second one cannot close its gap; what it hears meanwhile is no proof of the time before.
        let second = StreamEar()
        broker.change { $0.answersLists = false }
        work = StreamWork(floor.context(broker, second))
        try await second.wait { $0.gapRetries.count >= 1 }
        broker.say(StreamFloor.frame("new", order: "o-2", at: SystemTime().now()))
        try await second.wait { $0.counts.live == 1 }
        try await work.stop()
        #expect(try await floor.leases().last?.completeUntil == until)
        let third = StreamEar()
        broker.change { $0.answersLists = true }
        work = StreamWork(floor.context(broker, third))
        try await closed(third)
        #expect(third.now.gapsOpened[0] == until.advanced(by: .seconds(-10)))
        #expect(third.now.epochs == [3])
        try await work.stop()
        await broker.stop()
    }
}
