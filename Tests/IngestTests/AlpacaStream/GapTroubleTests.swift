import Core
import Domain
import Ingest
import TestSupport
import Testing
import Threading
import Wire

@Suite struct `Lists that are odd, while a gap is open` {
    private let now = SystemTime().now()

    private func time(_ seconds: Int64) -> Timestamp { now.advanced(by: .seconds(seconds)) ?? now }

    private func closed(_ ear: StreamEar, _ count: Int = 1) async throws {
        try await ear.wait { $0.gapsClosed.count >= count && $0.standing.isReady }
    }

    @Test func `an order that was open before a process began is known, however old, and its end too`() async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        broker.change { $0.orders = [.init(id: "ancient", status: "new", submitted: time(-900_000))] }
        let work = StreamWork(floor.context(broker, ear))
        try await closed(ear)
        #expect(ear.now.gapsClosed[0].orders == 1)
        broker.change { $0.orders[0].status = "canceled" }
        broker.drop()
        try await closed(ear, 2)
        let told = try await floor.updates().filter { $0.orderID?.text == "ancient" }
        #expect(told.last?.status?.text == "canceled")
        try await work.stop()
        await broker.stop()
    }

    @Test func `the end of an order that we believed open is told, also when it lies before the gap`() async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await closed(ear)
        broker.say(StreamFloor.frame("new"))
        try await ear.wait { $0.counts.live == 1 }
        broker.change {
            $0.orders = [.init(id: "o-1", status: "canceled", submitted: time(1), updated: time(-5_000))]
        }
        broker.drop()
        try await closed(ear, 2)
        #expect(try await floor.updates().last { $0.orderID?.text == "o-1" }?.status?.text == "canceled")
        try await work.stop()
        await broker.stop()
    }

    @Test(arguments: [400, 404, 422])
    func `an order that the broker refuses to tell of is left to the reconciler`(status: Int) async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await closed(ear)
        broker.say(StreamFloor.frame("new", order: "poison"))
        try await ear.wait { $0.counts.live == 1 }
        broker.change { $0.refusals["poison"] = status }
        broker.drop()
        try await closed(ear, 2)
        #expect(ear.now.gapsLeft == ["poison"] && ear.now.gapRetries.isEmpty)
        try await work.stop()
        await broker.stop()
    }

    @Test func `one entry that cannot be read does not spoil its page`() async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let early = time(-30)
        broker.change { script in
            var odd = ScriptedBroker.Activity(execution: "odd", order: "-", time: early)
            odd.raw = #"{"id":"20260211153000000::odd","activity_type":"FILL","qty":"1"}"#
            script.activities = [odd, .init(execution: "e-1", order: "o-1", time: early)]
            script.orders = [
                .init(
                    id: "o-0", status: "new", submitted: early,
                    raw: #"{"id":"o-0","status":"new","submitted_at":"\#(early)","updated_at":"soon"}"#),
                .init(id: "", status: "new", submitted: early), .init(id: "o-1", status: "new", submitted: time(-20)),
            ]
        }
        let work = StreamWork(floor.context(broker, ear))
        try await closed(ear)
        #expect(Set(ear.now.gapsUnread) == ["activity 20260211153000000::odd", "an order without an id"])
        // As they came: whoever takes them up judges a time that is none.
        let told = try await floor.messages()
        for part in [#""id":"o-0""#, #""id":"o-1""#, #""execution_id":"e-1""#] {
            #expect(told.contains { $0.contains(part) }, "\(part)")
        }
        #expect(ear.now.gapRetries.isEmpty)
        try await work.stop()
        await broker.stop()
    }

    @Test func `a moment that the broker cut is trouble, and one that only ends the list is none`() async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let moment = time(-30)
        broker.change { script in
            // Smaller pages than we ask for.
            script.pageSize = 2
            script.orders = (0..<3).map { .init(id: "m-\($0)", status: "new", submitted: moment) }
            script.orders.append(.init(id: "behind", status: "new", submitted: time(-20)))
        }
        let work = StreamWork(floor.context(broker, ear))
        try await ear.wait { $0.gapRetries.count >= 2 }
        #expect(ear.now.gapRetries.allSatisfy { $0 == .contractViolation } && ear.now.gapsClosed.isEmpty)
        broker.change { $0.orders = Array($0.orders.prefix(2)) }
        try await closed(ear)
        #expect(ear.now.gapsClosed[0].orders == 2)
        try await work.stop()
        await broker.stop()
    }

    @Test func `a page of orders without any time is trouble`() async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        broker.change {
            $0.orders = [.init(id: "o", status: "new", submitted: time(-30), raw: #"{"id":"o","status":"new"}"#)]
        }
        let work = StreamWork(floor.context(broker, ear))
        try await ear.wait { $0.gapRetries.contains(.contractViolation) }
        try await work.stop()
        await broker.stop()
    }

    @Test func `an execution that is listed late is waited for, and not for ever`() async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        broker.change { script in
            script.orders = [.init(id: "o-1", status: "filled", submitted: time(-30), filled: "1")]
            script.activities = [.init(execution: "e-1", order: "o-1", time: time(-30))]
            script.lateExecutions = 3
        }
        let work = StreamWork(floor.context(broker, ear))
        try await closed(ear)
        #expect(ear.now.gapsClosed[0] == (orders: 1, executions: 1))
        #expect(try await floor.updates().contains { $0.executionID?.text == "e-1" })
        // One that never comes.
        broker.change { $0.activities = [] }
        let asked = broker.questions.count { $0.contains("FILL") }
        broker.drop()
        try await closed(ear, 2)
        #expect(broker.questions.count { $0.contains("FILL") } - asked == floor.limits.executionLooks)
        try await work.stop()
        await broker.stop()
    }

    @Test func `a clock of ours that is ahead hides nothing`() async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        broker.change { $0.clock = time(-3_600) }
        let work = StreamWork(floor.context(broker, ear))
        try await closed(ear)
        try await work.stop()
        #expect(try await floor.leases().last?.completeUntil == time(-3_600))
        await broker.stop()
    }
}
