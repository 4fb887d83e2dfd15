import Core
import Domain
import Ingest
import TestSupport
import Testing
import Threading
import Wire

@Suite struct `The broker's update stream` {
    private func ready(_ ear: StreamEar) async throws { try await ear.wait { $0.standing.isReady } }

    @Test(arguments: [true, false])
    func `is passed on as it came, text or binary, on both topics`(isBinary: Bool) async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(.init(isBinary: isBinary)), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await ready(ear)
        let data =
            #"{ "event":"fill", "timestamp":"2026-02-11T15:30:02.5Z","price":"1e2","qty":"0.10","# + "\n"
            + #""execution_id":"e-1","order":{"id":"o-1","client_order_id":"c-1","symbol":"BTC/USD","status":"filled","#
            + #""filled_qty":"0.10","odd":"\u00e9"}}"#
        broker.say(#"{"stream":"trade_updates","data":"# + data + "}")
        broker.say(#"{"stream":"trade_updates","data":{"event":"new","order":{"id":"o-2","status":"new"}}}"#)
        try await ear.wait { $0.counts.live == 2 }
        try await work.stop()
        let first = try #require(try await floor.messages().first { $0.contains("o-1") })
        let end = #","accountLabel":null,"isFinal":true,"source":"ws","window":null,"version":1}"#
        #expect(first.hasPrefix(#"{"ingestTs":"20"#) && first.hasSuffix(#""seq":1,"payload":"# + data + end))
        let head =
            #""eventTs":"2026-02-11T15:30:02.5Z","feed":"alpaca","channel":"trade_updates","symbol":"BTC/USD","#
        #expect(first.contains(head))
        let second = try #require(try await floor.messages(TopicCatalog.tradeUpdatesV2).first { $0.contains("o-1") })
        #expect(second.contains(data.dropLast() + #","account_label":"paper"},"accountLabel":"paper""#))
        let records = try await floor.records(TopicCatalog.tradeUpdates)
        let keys = records.map { String(decoding: $0.key ?? [], as: UTF8.self) }
        #expect(Set(keys) == ["BTC/USD", "UNKNOWN"])
        let twins = (try await floor.updates(), try await floor.updates(TopicCatalog.tradeUpdatesV2))
        #expect(Set(twins.0.map(\.fingerprint)) == Set(twins.1.map(\.fingerprint)) && twins.0.count == 2)
        let heard = broker.heard
        #expect(heard.count == 2 && heard[0].contains(#""key":"key""#) && heard[1].contains("trade_updates"))
        await broker.stop()
    }

    @Test func `is classified once by the order feed, whichever topic and list it lies on`() async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let time = SystemTime().now()
        let slice = #","execution_id":"e-1","price":"190.5","qty":"1""#
        broker.change { $0.activities = [.init(execution: "e-1", order: "o-1", time: time)] }
        let work = StreamWork(floor.context(broker, ear))
        try await ready(ear)
        broker.say(StreamFloor.frame("partial_fill", status: "partially_filled", at: time, extra: slice))
        try await ear.wait { $0.counts.live == 1 }
        try await work.stop()
        let feed = try await FeedFloor(floor.log)
        try await feed.feed(until: 4)
        let recorded = try await feed.recorded()
        #expect(recorded.count { $0.classification == .duplicate } == 3, "\(recorded.map(\.classification))")
        #expect(recorded.allSatisfy { $0.executionID?.text == "e-1" && $0.fillQty == 1 })
        await broker.stop()
    }

    @Test func `is not ready before both are acknowledged`() async throws {
        var floor = try await StreamFloor()
        floor.limits.step = .seconds(2)
        let cases: [(StreamEnd, (inout ScriptedBroker.Script) -> Void)] = [
            (.late("auth"), { $0.authorization = nil }), (.late("listen"), { $0.listening = nil }),
            // Something that is no answer.
            (.late("auth"), { $0.authorization = #"{"stream":"weather"}"# }),
            (.late("listen"), { $0.listening = #"{"stream":"weather"}"# }),
            (.notGranted, { $0.listening = #"{"stream":"listening","data":{"streams":[]}}"# }),
        ]
        for (end, change) in cases {
            let (broker, ear) = (try ScriptedBroker(), StreamEar())
            broker.change(change)
            let work = StreamWork(floor.context(broker, ear))
            try await ear.wait { $0.ends.count >= 1 }
            try await work.stop()
            #expect(ear.now.ends.allSatisfy { $0 == end }, "\(ear.now.ends)")
            #expect(ear.now.standings.allSatisfy { !$0.isReady && !$0.isListening })
            await broker.stop()
        }
    }

    @Test(arguments: [
        (#"{"stream":"authorization","data":{"status":"unauthorized","action":"authenticate"}}"#, StreamTrouble.auth),
        (#"[{"T":"error","code":406,"msg":"connection limit exceeded"}]"#, .secondConnection),
        (#"{"stream":"error","data":{"error":"connection limit exceeded"}}"#, .secondConnection),
        (#"{"action":"error","data":{"error_message":"internal error"}}"#, .unknown),
    ])
    func `tells refused keys from a second connection`(answer: String, trouble: StreamTrouble) async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(.init(authorization: answer)), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await ear.wait { $0.ends.count >= (trouble == .auth ? 1 : 3) }
        #expect(ear.now.ends[0].errorClass == trouble && ear.now.standing.errorClass == trouble)
        #expect(!ear.now.standing.isOpen(.alpacaWS))
        if trouble == .auth {
            // Wrong keys do not become right: nothing is asked again for ten minutes.
            #expect(ear.now.pauses == [.seconds(600)] && broker.connections == 1)
        } else {
            #expect(ear.now.pauses.allSatisfy { $0 <= .milliseconds(100) })
        }
        try await work.stop()
        await broker.stop()
    }

    @Test func `tells what a handshake was refused with`() async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        // There is a server, and it knows no streams.
        let work = StreamWork(
            floor.context(stream: "ws" + broker.address.dropFirst(4) + "/stream", lists: broker.address, ear))
        try await ear.wait { !$0.ends.isEmpty }
        #expect(ear.now.ends[0] == .refused(status: 404) && ear.now.standing.errorClass == .unknown)
        let classes: [(Int, StreamTrouble)] = [(401, .auth), (403, .auth), (406, .secondConnection), (429, .unknown)]
        for (status, trouble) in classes { #expect(StreamEnd.refused(status: status).errorClass == trouble) }
        try await work.stop()
        await broker.stop()
    }

    @Test func `begins anew behind messages that are none, and behind a huge one`() async throws {
        let floor = try await StreamFloor()
        let (broker, ear) = (try ScriptedBroker(), StreamEar())
        let work = StreamWork(floor.context(broker, ear))
        try await ready(ear)
        for text in ["[]", "7", #"{"stream":"weather"}"#, #"[{"T":"success"}]"#] { broker.say(text) }
        broker.say(StreamFloor.frame("new"))
        try await ear.wait { $0.counts.live == 1 }
        #expect(ear.now.garbage == 0 && ear.now.ends.isEmpty && ear.now.standing.isReady)
        let garbage = ["", "{", "\u{0}\u{1}", #"{"stream":"trade_updates"}"#, #"{"stream":"trade_updates","data":7}"#]
        for (number, text) in garbage.enumerated() {
            // It may have been this one; the lists tell of it.
            broker.change {
                $0.activities.append(.init(execution: "e-\(number)", order: "o-1", time: SystemTime().now()))
            }
            broker.say(text)
            try await ear.wait { $0.gapsClosed.count == number + 2 && $0.standing.isReady }
            #expect(ear.now.garbage == number + 1 && ear.now.ends.count == number + 1)
            #expect(try await floor.updates().contains { $0.executionID?.text == "e-\(number)" })
        }
        let huge = String(repeating: "x", count: floor.limits.maximumFrameBytes + 1)
        broker.say(StreamFloor.frame("new", extra: #","x":"\#(huge)""#))
        try await ear.wait { $0.ends.count == garbage.count + 1 && $0.standing.isReady }
        #expect(ear.now.ends.last == .frameTooLarge(allowed: floor.limits.maximumFrameBytes))
        broker.say(StreamFloor.frame("new", order: "o-2"))
        try await ear.wait { $0.counts.live == 2 }
        try await work.stop()
        await broker.stop()
    }

    @Test func `waits longer each time, and not for ever`() async throws {
        var floor = try await StreamFloor()
        floor.limits.firstPause = .milliseconds(4)
        floor.limits.longestPause = .milliseconds(30)
        let (broker, ear) = (try ScriptedBroker(.init(authorization: "7")), StreamEar())
        floor.limits.step = .milliseconds(20)
        let work = StreamWork(floor.context(broker, ear))
        try await ear.wait { $0.pauses.count >= 8 }
        try await work.stop()
        let pauses = ear.now.pauses
        #expect(pauses[0] <= .milliseconds(4) && pauses.allSatisfy { $0 <= .milliseconds(30) }, "\(pauses)")
        #expect(pauses[5...].allSatisfy { $0 >= .milliseconds(15) }, "\(pauses)")
        await broker.stop()
    }

    /// Waits until control tells that this holder's stream is ready.
    private func said(_ floor: StreamFloor, epoch: Int64) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while try await !floor.leases().contains(where: { $0.epoch == epoch && $0.readyUntil != nil }) {
            try #require(ContinuousClock.now < deadline, "nobody says that it is ready")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func `is had by one process: the later one fences the earlier, which drops its socket`() async throws {
        var floor = try await StreamFloor(WeakLog(MemoryLog()))
        let (broker, first, second) = (try ScriptedBroker(), StreamEar(), StreamEar())
        let one = StreamWork(floor.context(broker, first))
        // Nothing is left to be said when the other one comes.
        try await said(floor, epoch: 1)
        floor.process = "p-2"
        let two = StreamWork(floor.context(broker, second))
        let start = ContinuousClock.now
        guard case .failure(let error as LogError) = await one.ended(), case .fenced = error.reason else {
            Issue.record("not fenced")
            return
        }
        // Long before it would have said anything: nothing was to be written meanwhile.
        #expect(first.now.isFenced && ContinuousClock.now - start < floor.limits.renewal / 2)
        try await ready(second)
        let deadline = ContinuousClock.now + .seconds(10)
        while broker.listeners > 1, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        #expect(broker.listeners == 1)
        try await said(floor, epoch: 2)
        try await two.stop()
        let leases = try await floor.leases()
        #expect(first.now.epochs == [1] && second.now.epochs == [2])
        #expect(leases.last?.epoch == 2 && leases.last?.process.text == "p-2" && leases.last?.readyUntil == nil)
        await broker.stop()
    }
}
