import Bus
import Commands
import Core
import Domain
import Glibc
import RouterTestSupport
import Telemetry
import TestSupport
import Testing
import Threading

/// A router that was stopped between *prepared* and the first byte, replaced, and woken.
@Suite(.serialized) struct `A router that wakes up late` {
    private struct Scene {
        let intent: IntentEmitted
        let woken: [String]
        let metrics: String
        let story: RouteStory
        let submits: Int
        let live: Int
    }

    /// The first stops right before its first byte, the second takes over and settles what it finds, the first wakes.
    private func play(_ ground: RouterGround, _ adapter: Adapter, deadline: Duration) async throws -> Scene {
        var words = ground.words
        words.deadline = deadline
        // So that the successor asks for what became of it at once, and the sleeper's deadline still holds.
        words.holdLimit = .milliseconds(300)
        let now = ground.time.now()
        var maker = IntentMaker(words.policy.routing, prefix: "late-\(adapter)-\(ground.folder.path)")
        let event = maker.next("AAPL", expected: adapter, at: now)
        let intent = try #require(event.intent)
        // The log stays with us: two processes write to it through one holder.
        let log = JournalLog(ground.journal)
        try await RouterGround.write([IntentMaker.released(at: now), event], to: log)
        let partition = "\(RouterGround.partition(of: "AAPL"))"
        let metrics = ground.folder.path + "/late.txt"
        let sleeper = try RouterChild(
            words, journal: ground.journal,
            ["partitions": partition, "moment": "sending", "count": "1", "end": "stop", "name": "sleeper",
             "metrics": metrics])
        _ = try await aside { try sleeper.lines(upTo: "at sending") }
        let successor = try RouterChild(
            words, journal: ground.journal, ["partitions": partition, "settled": "1", "name": "successor"])
        _ = try await aside { try successor.lines() }
        sleeper.signal(SIGCONT)
        let woken = try await aside {
            let lines = try sleeper.lines(upTo: "fenced")
            sleeper.end()
            return lines + (try sleeper.lines())
        }
        let story = try await RouteStory.open(log, words.policy.routing.timing)
        try await story.readAll()
        await story.close()
        await log.close()
        let (submits, live) = try await ground.count(of: intent.clientOrderID)
        return Scene(
            intent: intent, woken: woken, metrics: try RouterStorm.text(of: metrics), story: story, submits: submits,
            live: live)
    }

    @Test func `is refused by the runner, whose owner's epoch is newer`() async throws {
        let ground = try await RouterGround()
        let scene = try await play(ground, .lean, deadline: .seconds(10))
        #expect(scene.live == 1, "\(scene.story.kinds(of: scene.intent.intentID))")
        #expect(scene.submits == 1)
        #expect(scene.metrics.contains("torghut_router_late_sends_refused_total{adapter=\"lean\"} 1"))
        #expect(scene.metrics.contains("torghut_router_fenced_total 1"))
        let log = try await ground.runner.control("/_sim/log")
        #expect(log.count("entries") == 1)
        // The successor voided the key and fell back; what the sleeper learnt it could not write.
        #expect(scene.story.kinds(of: scene.intent.intentID).contains("fallback_decided"))
    }

    @Test func `is refused by the broker, who knows its client order id`() async throws {
        let ground = try await RouterGround()
        let scene = try await play(ground, .alpaca, deadline: .seconds(10))
        // The successor found nothing, proved nothing, and holds: only the late send makes the order, once.
        #expect(scene.live == 1)
        #expect(scene.submits == 1)
        #expect(scene.story.ending(of: scene.intent.intentID) == .held)
    }
}

@Suite(.serialized) struct `Two routers on one partition` {
    @Test func `the later one has it, and the earlier one stops before it sends anything more`() async throws {
        let ground = try await RouterGround()
        let now = ground.time.now()
        let log = JournalLog(ground.journal)
        var maker = IntentMaker(ground.words.policy.routing, prefix: "two")
        let first = maker.next("AAPL", at: now)
        try await RouterGround.write([IntentMaker.released(at: now), first], to: log)
        let partition = RouterGround.partition(of: "AAPL")
        let older = RouterHere(ground.words, on: log, partitions: [partition], process: "older")
        let firstID = try #require(first.intent).intentID
        _ = try await older.story { $0.ending(of: firstID) == .live }
        let newer = RouterHere(ground.words, on: log, partitions: [partition], process: "newer")
        while !newer.notes.all.contains(where: { $0.hasPrefix("owned") }) { await Task.yield() }
        let second = maker.next("AAPL", at: ground.time.now())
        try await RouterGround.write([second], to: log)
        let id = try #require(second.intent).intentID
        let story = try await newer.story { $0.ending(of: id) == .live }
        while older.fleet.ended[partition] == nil { await Task.yield() }
        #expect(story.ending(of: id) == .live)
        let epochs = story.route.compactMap { event -> Int64? in
            if case .attemptPrepared(let prepared) = event { prepared.ownerEpoch } else { nil }
        }
        #expect(epochs == [1, 2])
        #expect(try await ground.count(of: try #require(second.intent).clientOrderID) == (1, 1))
        #expect(older.notes.all.contains { $0.hasPrefix("fenced") })
        await older.fleet.end()
        await newer.fleet.end()
        await log.close()
    }
}
