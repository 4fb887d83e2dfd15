import Bus
import Commands
import Core
import Domain
import Folding
import Foundation
import RouterTestSupport
import Telemetry
import TestSupport
import Testing
import Threading

@Suite(.serialized) struct `A router that starts again` {
    private func intents(_ count: Int, _ maker: inout IntentMaker, _ ground: RouterGround) -> [Event] {
        (0..<count).map { maker.next(RouterGround.symbols[$0 % 3], at: ground.time.now()) }
    }

    @Test(arguments: ["kept", "damaged", "none"])
    func `goes on with the same counters, with a snapshot and without`(snapshot: String) async throws {
        let ground = try await RouterGround()
        let log = JournalLog(ground.journal)
        let store = SnapshotStore(folder: ground.folder.path + "/snapshots", logID: "journal")
        var maker = IntentMaker(ground.words.policy.routing, prefix: "again-\(snapshot)")
        try await ground.runner.control("/_sim/script", #"[{"action": "refuse"}, {"action": "wrong_symbol"}]"#)
        let first = intents(6, &maker, ground)
        try await RouterGround.write([IntentMaker.released(at: ground.time.now())] + first, to: log)
        let before = RouterHere(ground.words, on: log, process: "before", snapshots: snapshot == "none" ? nil : store)
        _ = try await before.story { $0.isFinal(6) }
        await before.fleet.end()
        let partition = RouterGround.partition(of: "AAPL")
        let path = store.path(of: "router-\(partition)")
        #expect(FileManager.default.fileExists(atPath: path) == (snapshot != "none"))
        if snapshot == "damaged" { try Data("no snapshot".utf8).write(to: URL(filePath: path)) }

        let after = RouterHere(ground.words, on: log, process: "after", snapshots: snapshot == "none" ? nil : store)
        try await eventually("every partition") {
            after.notes.all.count { $0.hasPrefix("owned") } == 12
        }
        #expect(after.notes.all.contains { $0.hasPrefix("snapshot") } == (snapshot == "damaged"))
        #expect(RouteTally(scraped: after.registry.render()) == RouteTally(scraped: before.registry.render()))
        try await RouterGround.append(intents(3, &maker, ground), to: log)
        let story = try await after.story { $0.isFinal(9) }
        await after.fleet.end()
        #expect(story.isFinal(9))
        #expect(RouteTally(scraped: after.registry.render()) == RouteTally(story.route))
        let epochs = Set(
            story.route.compactMap { event -> Int64? in
                if case .attemptPrepared(let prepared) = event { prepared.ownerEpoch } else { nil }
            })
        #expect(epochs == [1, 2])
        await log.close()
    }

    @Test func `stops at the latch also what waits for its turn after a 429`() async throws {
        let ground = try await RouterGround()
        let log = JournalLog(ground.journal)
        let latch = Guard(false)
        var words = ground.words
        words.deadline = .seconds(20)
        var maker = IntentMaker(words.policy.routing, prefix: "limited")
        let event = maker.next("AAPL", expected: .alpaca, at: ground.time.now())
        let intent = try #require(event.intent)
        try await ground.broker.control("/_sim/outcomes", #"{"action": "rate_limit", "milliseconds": 6000}"#)
        try await RouterGround.write([IntentMaker.released(at: ground.time.now()), event], to: log)
        let router = RouterHere(words, on: log) { LocalStop(latchFile: latch.value) }
        try await eventually("the first submit") {
            try await ground.count(of: intent.clientOrderID).submits == 1
        }
        latch.change { $0 = true }
        // Nothing is about to leave, also while the call goes on.
        try await eventually("silence", within: .seconds(1)) { await router.fleet.lookAtStop().isWhole }
        let story = try await router.story { $0.ending(of: intent.intentID) != .none }
        #expect(story.ending(of: intent.intentID) == .nothingLive)
        #expect(try await ground.count(of: intent.clientOrderID) == (1, 0))
        let label = "torghut_router_held_back_total{reason=\"kill_switch_engaged\"} 1"
        #expect(router.registry.render().contains(label))
        await router.fleet.end()
        await log.close()
    }

    @Test func `stops at the latch: what waits is withdrawn, what works is canceled, and evidence confirms it`()
        async throws
    {
        let ground = try await RouterGround()
        let log = JournalLog(ground.journal)
        let latch = Guard(false)
        var maker = IntentMaker(ground.words.policy.routing, prefix: "latch")
        let working = maker.next("AAPL", at: ground.time.now())
        let workingIntent = try #require(working.intent)
        try await ground.broker.control(
            "/_sim/outcomes", #"{"action": "rest", "client_order_id": "\#(workingIntent.clientOrderID.text)"}"#)
        try await RouterGround.write([IntentMaker.released(at: ground.time.now()), working], to: log)
        let router = RouterHere(ground.words, on: log) { LocalStop(latchFile: latch.value) }
        _ = try await router.story { $0.ending(of: workingIntent.intentID) == .live }
        latch.change { $0 = true }
        let silence = await router.fleet.lookAtStop()
        #expect(silence.isWhole && silence.lastSentAt != nil && silence.openIntents == 1)
        let late = maker.next("MSFT", at: ground.time.now())
        try await RouterGround.append([late], to: log)
        let lateIntent = try #require(late.intent)
        let story = try await router.story { story in
            story.kinds(of: workingIntent.intentID).contains("cancel_confirmed")
                && story.ending(of: lateIntent.intentID) != .none
        }
        #expect(story.kinds(of: workingIntent.intentID).suffix(2) == ["cancel_requested", "cancel_confirmed"])
        #expect(story.kinds(of: lateIntent.intentID) == ["intent_withdrawn"])
        #expect(try await ground.count(of: lateIntent.clientOrderID) == (0, 0))
        #expect(try await ground.broker.control("/_sim/summary")("open", as: Int.self) == 0)
        await router.fleet.end()
        await log.close()
    }
}
