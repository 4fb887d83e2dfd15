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
    ///
    /// Then there is a second order of the same symbol, which only the successor sends.
    private func play(_ ground: RouterGround, _ adapter: Adapter, successorsRunner: String? = nil) async throws -> Scene
    {
        var words = ground.words
        // The sleeper's deadline still holds when it wakes.
        words.deadline = .seconds(15)
        words.holdLimit = .milliseconds(300)
        var maker = IntentMaker(words.policy.routing, prefix: "late-\(adapter)-\(ground.folder.path)")
        let event = maker.next("AAPL", expected: adapter, at: ground.time.now())
        let intent = try #require(event.intent)
        // The log stays with us: two processes write to it through one holder.
        let log = JournalLog(ground.journal)
        try await RouterGround.write([IntentMaker.released(at: ground.time.now()), event], to: log)
        let partition = "\(RouterGround.partition(of: "AAPL"))"
        let metrics = ground.folder.path + "/late.txt"
        let sleeper = try Child(
            router: words, journal: ground.journal,
            [
                "partitions": partition, "moment": "sending", "count": "1", "end": "stop", "name": "sleeper",
                "metrics": metrics,
            ])
        _ = try await aside { try sleeper.lines(upTo: "at sending") }
        try await RouterGround.write([maker.next("AAPL", expected: adapter, at: ground.time.now())], to: log)
        words.lean = successorsRunner ?? words.lean
        let successor = try Child(
            router: words, journal: ground.journal, ["partitions": partition, "settled": "2", "name": "successor"])
        _ = try await aside { try successor.lines() }
        sleeper.signal(SIGCONT)
        // It finds out when it wants to write: this it would have to prepare.
        try await RouterGround.append([maker.next("AAPL", expected: adapter, at: ground.time.now())], to: log)
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

    private static let refused = "torghut_router_late_sends_refused_total{adapter=\"lean\"} 1"

    @Test func `is refused by the runner, who has seen a newer epoch`() async throws {
        let ground = try await RouterGround()
        let scene = try await play(ground, .lean)
        #expect(scene.live == 1, "\(scene.story.kinds(of: scene.intent.intentID))")
        #expect(scene.submits == 1)
        #expect(scene.metrics.contains(Self.refused), "\(scene.metrics)")
        #expect(scene.metrics.contains("torghut_router_fenced_total 1"))
        // The successor voided the key and fell back; what the sleeper learnt it could not write.
        #expect(scene.story.kinds(of: scene.intent.intentID).contains("fallback_decided"))
        let late = try await ground.runner.control("/_sim/log")
        #expect(late.count("entries") == 2)
        #expect(late("entries", 0, "epoch", as: String.self) == "2")
        #expect(late("entries", 1, "epoch", as: String.self) == "1")
    }

    @Test func `is refused by the broker, who knows its client order id, where the runner knows nothing`()
        async throws
    {
        let ground = try await RouterGround()
        let other = try Simulator("lean", "--to", ground.broker.address())
        let scene = try await play(ground, .lean, successorsRunner: other.address())
        #expect(scene.live == 1)
        // By fallback, and once more by the runner that woke up with its sender.
        #expect(scene.submits == 2)
        #expect(scene.metrics.contains(Self.refused), "\(scene.metrics)")
    }

    @Test func `makes the one order that its successor holds and does not send`() async throws {
        let ground = try await RouterGround()
        let scene = try await play(ground, .alpaca)
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
        try await eventually("the newer one's partition") {
            newer.notes.all.contains { $0.hasPrefix("owned") }
        }
        let second = maker.next("AAPL", at: ground.time.now())
        try await RouterGround.write([second], to: log)
        let id = try #require(second.intent).intentID
        let story = try await newer.story { $0.ending(of: id) == .live }
        // It has nothing to write until something comes; then it finds out.
        try await eventually("the older one's end") { older.fleet.ended[partition] != nil }
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
