import Core
import Domain
import Glibc
import RouterTestSupport
import TestSupport
import Testing
import Threading

/// The process is killed after every single step of an attempt, for everything that may come of one.
@Suite(.serialized) struct `Killing the router after every step of an attempt` {
    /// What becomes of an order, told to the runner or the broker for one client order id.
    enum Fate: String, CaseIterable, Sendable {
        case accepted
        case rejected
        case timeoutAccepted
        case timeoutNotAccepted
        case contractViolation
        case acceptedByAlpaca

        var adapter: Adapter { self == .acceptedByAlpaca ? .alpaca : .lean }

        func tell(_ ground: RouterGround, _ id: ClientOrderID) async throws {
            let name = "\"client_order_id\": \"\(id.text)\", \"times\": 100"
            switch self {
            case .accepted, .acceptedByAlpaca: break
            case .rejected: try await ground.broker.control("/_sim/outcomes", "{\"action\": \"reject\", \(name)}")
            case .timeoutAccepted:
                try await ground.runner.control(
                    "/_sim/script", "{\"action\": \"timeout_after\", \(name), \"milliseconds\": 5000}")
            case .timeoutNotAccepted:
                try await ground.runner.control(
                    "/_sim/script", "{\"action\": \"timeout_before\", \(name), \"milliseconds\": 5000}")
            case .contractViolation:
                try await ground.runner.control("/_sim/script", "{\"action\": \"wrong_quantity\", \(name)}")
            }
        }
    }

    /// One more than any attempt has.
    static let maximumSteps = 60
    static let atOnce = 3

    @Test(arguments: [true, false])
    func `leaves at most one live order, and a log that ends in a proof or a hold`(isUnique: Bool) async throws {
        let ground = try await RouterGround(unique: isUnique)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, fate) in Fate.allCases.enumerated() {
                if number >= Self.atOnce { try await group.next() }
                group.addTask { try await Self.killEverywhere(fate, ground) }
            }
            try await group.waitForAll()
        }
    }

    private static func killEverywhere(_ fate: Fate, _ ground: RouterGround) async throws {
        for step in 1...maximumSteps {
            guard try await kill(at: step, fate, ground) else {
                // Prepared, sent and told: an attempt has that many steps at least.
                #expect(step > 6, "\(fate) ended after \(step) steps")
                return
            }
        }
        Issue.record("\(fate) has more than \(maximumSteps) steps")
    }

    /// False when the attempt was over before so many steps.
    private static func kill(at step: Int, _ fate: Fate, _ ground: RouterGround) async throws -> Bool {
        let folder = TemporaryFolder(inMemory: true)
        let journal = folder.path + "/journal"
        var maker = IntentMaker(ground.words.policy.routing, prefix: "\(fate)-\(step)-\(folder.path)")
        let now = ground.time.now()
        let event = maker.next("AAPL", expected: fate.adapter, at: now)
        let intent = try #require(event.intent)
        try await fate.tell(ground, intent.clientOrderID)
        try await ground.write([IntentMaker.released(at: now), event], to: journal)
        let partition = RouterGround.partition(of: "AAPL")
        let more = ["partitions": "\(partition)", "settled": "1", "name": "one"]
        let words = ground.words
        let first = try await aside {
            try Child(router: words, journal: journal, more.merging(["count": "\(step)"]) { $1 }).lines()
        }
        let wasKilled = first.last?.hasPrefix("at ") == true
        if wasKilled {
            let second = try await aside { try Child(router: words, journal: journal, more).lines() }
            #expect(second.last == "ended", "\(fate), killed at \(step) (\(first.last ?? "")): \(second)")
        }
        try await check(intent, "\(fate), killed at step \(step): \(first.last ?? "")", journal, ground)
        return wasKilled
    }

    private static func check(
        _ intent: IntentEmitted, _ what: String, _ journal: String, _ ground: RouterGround
    ) async throws {
        let story = try await ground.story(journal, partitions: [RouterGround.partition(of: "AAPL")])
        let (submits, live) = try await ground.count(of: intent.clientOrderID)
        let kinds = story.kinds(of: intent.intentID)
        #expect(live <= 1, "\(what): \(kinds)")
        // Every attempt is sent once at most, and there are two at most.
        #expect(submits <= story.attempts(of: intent.intentID).count, "\(what): \(kinds)")
        #expect(submits <= 2, "\(what): \(kinds)")
        switch story.ending(of: intent.intentID) {
        case .live: #expect(live == 1, "\(what): \(kinds)")
        case .nothingLive: #expect(live == 0, "\(what): \(kinds)")
        case .held: #expect(kinds.contains("intent_held"), "\(what): \(kinds)")
        case .none: Issue.record("\(what): nothing says what it waits for: \(kinds)")
        }
    }
}
