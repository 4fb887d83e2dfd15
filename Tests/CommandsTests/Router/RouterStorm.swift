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
        words.holdLimit = .seconds(30)
        let made = try await write(ground, words)
        var random = SplitMix64(seed: seed)
        for kill in 0..<kills {
            // A child dies after so many steps of its own; the last of them lives until all is settled.
            let steps = intents / kills + Int(random.next() % UInt64(max(2, intents / kills)))
            let said = try await aside { [words] in
                try RouterChild(
                    words, journal: ground.journal, ["count": "\(steps)", "settled": "\(made.count)", "name": "k\(kill)"]
                ).lines(within: .seconds(1_800))
            }
            #expect(said.last?.hasPrefix("at ") == true, "kill \(kill) of seed \(seed): \(said.suffix(3))")
        }
        let metrics = ground.folder.path + "/metrics.txt"
        let said = try await aside { [words] in
            try RouterChild(
                words, journal: ground.journal, ["settled": "\(made.count)", "metrics": metrics, "name": "last"]
            ).lines(within: .seconds(1_800))
        }
        #expect(said.last == "ended", "seed \(seed): \(said.suffix(5))")
        try await check(ground, made, metrics)
    }

    private func write(_ ground: RouterGround, _ words: RouterWords) async throws -> [IntentEmitted] {
        var maker = IntentMaker(words.policy.routing, prefix: "storm-\(seed)")
        maker.lifetime = .seconds(7_200)
        let now = ground.time.now()
        var events = [IntentMaker.released(at: now)]
        for number in 0..<intents {
            events.append(maker.next(RouterGround.symbols[number % RouterGround.symbols.count], at: now))
        }
        try await ground.write(events)
        return events.compactMap(\.intent)
    }

    private func check(_ ground: RouterGround, _ made: [IntentEmitted], _ metrics: String) async throws {
        let story = try await ground.story()
        let orders = RouterGround.Orders(try await ground.broker.control("/_sim/summary"))
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
        #expect(endings == [.live: made.count], "seed \(seed): \(endings)")
        #expect(orders.ids.count == made.count)
        let scraped = RouteTally(scraped: try Self.text(of: metrics))
        #expect(scraped == RouteTally(story.route), "seed \(seed)")
        #expect(story.route.contains { $0.kind == .fallbackDecided }, "seed \(seed): nothing fell back")
        print(
            "router storm: seed \(seed), \(made.count) intents, \(kills) kills, \(story.route.count) route events, "
                + "endings \(endings), submits \(orders.ids.reduce(0) { $0 + orders[$1].submits })")
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
