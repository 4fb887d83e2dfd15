import Core
import Domain
import Foundation
import RouterTestSupport
import TestSupport
import Testing
import Threading

/// Many intents through a runner that refuses, hangs and lies, by a router that is killed again and again.
struct RouterStorm {
    let intents: Int
    let kills: Int
    let seed: UInt64
    var deadline = Duration.milliseconds(600)

    func run() async throws {
        let ground = try await RouterGround()
        try await ground.runner.control(
            "/_sim/random",
            """
            {"seed": \(seed), "refuse": 50, "timeout_before": 25, "timeout_after": 25, "lie": 10, "milliseconds": 5000}
            """)
        var words = ground.words
        words.deadline = deadline
        words.holdLimit = .seconds(4)
        words.settings.merge(DecisionMaker.settings) { $1 }
        // Else a person would have to look at every symbol before long.
        words.settings["TRADING_SYMBOL_REVIEW_FALLBACK_LIMIT"] = "1000"
        try await write(ground)
        let common = ["handler": "1", "answers": "\(intents)", "snapshots": ground.folder.path + "/snapshots"]
        var random = SplitMix64(seed: seed)
        for kill in 0..<kills {
            // A child dies after so many steps of its own; the last of them lives until all is settled.
            let steps = intents / kills + Int(random.next() % UInt64(max(2, intents / kills)))
            let said = try await aside { [words] in
                try Child(
                    router: words, journal: ground.journal,
                    common.merging(["count": "\(steps)", "settled": "\(intents)", "name": "k\(kill)"]) { $1 }
                ).lines(within: .seconds(1_800))
            }
            #expect(said.last?.hasPrefix("at ") == true, "kill \(kill) of seed \(seed): \(said.suffix(3))")
        }
        try await live(until: common.merging(["settled": "\(intents)", "name": "settling"]) { $1 }, ground, words)
        let vouched = try await vouch(ground, words)
        let metrics = ground.folder.path + "/metrics.txt"
        try await live(
            until: common.merging(["final": "\(intents)", "metrics": metrics, "name": "last"]) { $1 }, ground, words)
        try await check(ground, metrics, vouched)
    }

    private func live(until what: [String: String], _ ground: RouterGround, _ words: RouterWords) async throws {
        let said = try await aside {
            try Child(router: words, journal: ground.journal, what).lines(within: .seconds(1_800))
        }
        #expect(said.last == "ended", "seed \(seed): \(said.suffix(5))")
    }

    /// What nothing proves is an operator's to decide: a process that died right before it sent to Alpaca leaves such
    /// an attempt, for Alpaca enforces no deadline.
    ///
    /// He looks at the broker's orders, and there is none.
    private func vouch(_ ground: RouterGround, _ words: RouterWords) async throws -> Set<IntentID> {
        let story = try await ground.story(words: words)
        let now = ground.time.now()
        let held = story.intents.keys.filter { story.ending(of: $0) == .held }
        for id in held { #expect(story.attempts(of: id).last?.evidence.executionAdapter == .alpaca) }
        try await ground.write(held.map { IntentMaker.vouchedNotLive($0, at: now) })
        return Set(held)
    }

    /// Decisions, which the handler in the router's process turns into intents.
    private func write(_ ground: RouterGround) async throws {
        let now = ground.time.now()
        var events = DecisionMaker.opening(at: now)
        for number in 0..<intents {
            let symbol = RouterGround.symbols[number % RouterGround.symbols.count]
            events.append(try DecisionMaker.decision("storm-\(seed)-\(number)", symbol, at: now))
        }
        try await ground.write(events)
    }

    private func check(
        _ ground: RouterGround, _ metrics: String, _ vouched: Set<IntentID>
    ) async throws {
        let story = try await ground.story()
        let made = Array(story.intents.values)
        #expect(made.count == intents, "every decision became an intent")
        let orders = try RouterGround.Orders(try await ground.broker.control("/_sim/summary"))
        var endings: [RouteStory.Ending: Int] = [:]
        for intent in made {
            let ending = story.ending(of: intent.intentID)
            endings[ending, default: 0] += 1
            let (submits, live) = orders[intent.clientOrderID.text]
            let told: Comment = "seed \(seed): \(intent.clientOrderID.text): \(story.kinds(of: intent.intentID))"
            #expect(live == (ending == .live ? 1 : 0), told)
            #expect(submits <= story.attempts(of: intent.intentID).count, told)
        }
        // The broker refuses nothing here, and every route ends at him.
        #expect(endings[.nothingLive, default: 0] == vouched.count, "seed \(seed): \(endings)")
        #expect(endings[.live] == made.count - vouched.count, "seed \(seed): \(endings)")
        #expect(vouched.count <= kills * 16)
        let scraped = RouteTally(scraped: try Self.text(of: metrics))
        #expect(scraped == RouteTally(story.route), "seed \(seed)")
        #expect(story.route.contains { $0.kind == .fallbackDecided }, "seed \(seed): nothing fell back")
        print(
            "router storm: seed \(seed), \(made.count) intents, \(kills) kills, \(story.route.count) route events, "
                + "endings \(endings), by an operator's word \(vouched.count), submits \(orders.ids.reduce(0) { $0 + orders[$1].submits })"
        )
    }

    static func text(of path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}

@Suite struct `A storm over the router` {
    @Test func `leaves exactly one live order for each intent, and counters that equal the log`() async throws {
        try await RouterStorm(intents: 300, kills: 3, seed: 1).run()
    }
}

@Suite(.enabled(if: Storm.isOn)) struct `Router storm Soak` {
    @Test func `ten thousand intents, twenty kills`() async throws {
        try await RouterStorm(intents: 10_000, kills: 20, seed: Storm.seed).run()
    }
}
