import Bus
import Commands
import Core
import Domain
import RouterTestSupport
import Telemetry
import TestSupport
import Testing
import Threading

/// What the adapters may do to a router, each with the log's story of it.
@Suite(.serialized) struct `A router whose adapters misbehave` {
    private struct Scene {
        let ground: RouterGround
        let log: JournalLog
        var maker: IntentMaker

        init(_ words: RouterWords? = nil, _ ground: RouterGround) async throws {
            self.ground = ground
            log = JournalLog(ground.journal)
            maker = IntentMaker((words ?? ground.words).policy.routing, prefix: ground.folder.path)
            try await RouterGround.write([IntentMaker.released(at: ground.time.now())], to: log)
        }

        mutating func intent(_ symbol: String = "AAPL", expected: Adapter? = nil) async throws -> IntentEmitted {
            let event = maker.next(symbol, expected: expected, at: ground.time.now())
            try await RouterGround.write([event], to: log)
            return try #require(event.intent)
        }
    }

    @Test func `both down: proved, nothing live, and nothing is tried again`() async throws {
        let ground = try await RouterGround()
        var words = ground.words
        (words.alpaca, words.lean) = ("http://127.0.0.1:9", "http://127.0.0.1:9")
        var scene = try await Scene(words, ground)
        let intent = try await scene.intent()
        let router = RouterHere(words, on: scene.log)
        let story = try await router.story { $0.ending(of: intent.intentID) != .none }
        #expect(story.ending(of: intent.intentID) == .nothingLive)
        #expect(
            story.kinds(of: intent.intentID) == [
                "attempt_prepared", "attempt_rejected", "fallback_decided", "attempt_prepared", "attempt_rejected",
            ])
        await router.fleet.end()
        await scene.log.close()
    }

    @Test func `the runner hangs: no call outlives its deadline, and the intent is held where everybody sees it`()
        async throws
    {
        let ground = try await RouterGround()
        let proxy = try Simulator("faults", "--to", ground.runner.address())
        try await proxy.control(
            "/script", #"{"fault": "hang_before", "times": 1000, "milliseconds": 20000}"#, port: "control")
        let broker = try Simulator("faults", "--to", ground.broker.address())
        try await broker.control(
            "/script", #"{"fault": "hang_before", "times": 1000, "milliseconds": 20000}"#, port: "control")
        var words = ground.words
        (words.lean, words.alpaca) = (proxy.address(), broker.address())
        var scene = try await Scene(words, ground)
        let intent = try await scene.intent()
        let start = ContinuousClock.now
        let router = RouterHere(words, on: scene.log)
        let story = try await router.story { $0.ending(of: intent.intentID) == .held }
        #expect(story.ending(of: intent.intentID) == .held)
        #expect(!story.kinds(of: intent.intentID).contains("fallback_decided"))
        // Twenty seconds is what the other side would take.
        #expect(ContinuousClock.now - start < .seconds(15))
        let label = "{partition=\"\(RouterGround.partition(of: "AAPL"))\"} 1"
        try await eventually("a gauge that says so") {
            router.registry.render().contains("torghut_execution_hold_exceeded" + label)
        }
        #expect(router.registry.render().contains("torghut_execution_in_doubt" + label))
        #expect(try await ground.count(of: intent.clientOrderID) == (0, 0))
        await router.fleet.end()
        await scene.log.close()
    }

    @Test(arguments: ["wrong_symbol", "wrong_quantity", "wrong_client_id", "missing_fields", "not_json", "error_after"])
    func `a reply that proves nothing: the order is found by look-up, and never sent twice`(lie: String) async throws {
        let ground = try await RouterGround()
        try await ground.runner.control("/_sim/script", #"{"action": "\#(lie)"}"#)
        let words = ground.words.unhurried
        var scene = try await Scene(words, ground)
        let intent = try await scene.intent()
        let router = RouterHere(words, on: scene.log)
        let story = try await router.story { $0.ending(of: intent.intentID) == .live }
        #expect(story.ending(of: intent.intentID) == .live)
        #expect(story.kinds(of: intent.intentID).contains("attempt_unknown"))
        #expect(story.kinds(of: intent.intentID).contains("attempt_resolved"))
        #expect(try await ground.count(of: intent.clientOrderID) == (1, 1))
        await router.fleet.end()
        await scene.log.close()
    }

    @Test func `extra fields in a reply are ignored`() async throws {
        let ground = try await RouterGround()
        try await ground.runner.control("/_sim/script", #"{"action": "extra_fields"}"#)
        let words = ground.words.unhurried
        var scene = try await Scene(words, ground)
        let intent = try await scene.intent()
        let router = RouterHere(words, on: scene.log)
        let story = try await router.story { $0.ending(of: intent.intentID) != .none }
        #expect(story.kinds(of: intent.intentID) == ["attempt_prepared", "attempt_sent", "attempt_accepted"])
        await router.fleet.end()
        await scene.log.close()
    }

    @Test func `an acknowledgement that comes late is evidence, and the order is one`() async throws {
        let ground = try await RouterGround()
        let proxy = try Simulator("faults", "--to", ground.runner.address())
        // Forwarded at once, and answered long after the call was given up.
        try await proxy.control(
            "/script", #"{"fault": "hang_after", "method": "POST", "path": "/v1/orders/submit", "milliseconds": 3000}"#,
            port: "control")
        var words = ground.words
        words.lean = proxy.address()
        var scene = try await Scene(words, ground)
        let intent = try await scene.intent()
        let router = RouterHere(words, on: scene.log)
        let story = try await router.story { $0.ending(of: intent.intentID) == .live }
        #expect(story.ending(of: intent.intentID) == .live)
        #expect(!story.kinds(of: intent.intentID).contains("fallback_decided"))
        #expect(try await ground.count(of: intent.clientOrderID) == (1, 1))
        await router.fleet.end()
        await scene.log.close()
    }

    @Test func `it is slow: all partitions together prepare no more than it may have, and refuse nothing themselves`()
        async throws
    {
        let ground = try await RouterGround()
        let proxy = try Simulator("faults", "--to", ground.broker.address())
        try await proxy.control(
            "/script", #"{"fault": "delay", "method": "POST", "times": 1000, "milliseconds": 150}"#, port: "control")
        var words = ground.words.unhurried
        words.alpaca = proxy.address()
        words.settings["TRADING_EXECUTION_CONCURRENCY"] = "2"
        let log = JournalLog(ground.journal)
        var maker = IntentMaker(words.policy.routing, prefix: "slow")
        let events = (0..<24).map {
            maker.next(RouterGround.symbols[$0 % 12], expected: .alpaca, at: ground.time.now())
        }
        try await RouterGround.write([IntentMaker.released(at: ground.time.now())] + events, to: log)
        let router = RouterHere(words, on: log)
        let story = try await router.story { $0.isSettled(24) }
        #expect(story.isFinal(24))
        let kinds = story.route.map { $0.kind.rawValue }
        #expect(kinds.count { $0 == "route.attempt_accepted" } == 24, "\(kinds)")
        #expect(Self.mostAtOnce(story) <= 2)
        await router.fleet.end()
        await log.close()
    }

    /// Attempts that were prepared and not answered at the same time.
    private static func mostAtOnce(_ story: RouteStory) -> Int {
        var prepared: [AttemptID: Timestamp] = [:]
        var moments: [(at: Timestamp, change: Int)] = []
        for (event, envelope) in zip(story.route, story.envelopes) {
            switch event {
            case .attemptPrepared(let event): prepared[event.key.attemptID] = envelope.ingestTime
            case .attemptAccepted(let event):
                // The call began after this, so it ended no earlier.
                let took = Duration.microseconds(event.reply.latencyMicroseconds ?? 0)
                guard let start = prepared[event.key.attemptID], let end = start.advanced(by: took) else { continue }
                moments += [(start, 1), (end, -1)]
            default: continue
            }
        }
        var (open, most) = (0, 0)
        for moment in moments.sorted(by: { ($0.at, $0.change) < ($1.at, $1.change) }) {
            open += moment.change
            most = max(most, open)
        }
        return most
    }

    @Test func `a key that was used with another body makes no second order`() async throws {
        let ground = try await RouterGround()
        var scene = try await Scene(nil, ground)
        let event = scene.maker.next("AAPL", at: ground.time.now())
        let intent = try #require(event.intent)
        // Somebody used the key before us, for another quantity.
        let body = """
            {"symbol": "AAPL", "side": "buy", "qty": 7, "order_type": "limit", "time_in_force": "day",
             "limit_price": 100, "extra_params": {"client_order_id": "\(intent.clientOrderID.text)"}}
            """
        try await ground.submit(body, key: intent.clientOrderID.text)
        try await RouterGround.write([event], to: scene.log)
        let router = RouterHere(ground.words, on: scene.log)
        let story = try await router.story { $0.ending(of: intent.intentID) != .none }
        #expect(story.kinds(of: intent.intentID).contains("attempt_unknown"))
        #expect(try await ground.count(of: intent.clientOrderID).live == 1)
        await router.fleet.end()
        await scene.log.close()
    }
}

@Suite(.serialized) struct `The route of an order` {
    @Test(arguments: [
        ["TRADING_EXECUTION_ADAPTER": "lean", "TRADING_EXECUTION_ADAPTER_POLICY": "allowlist"],
        ["TRADING_EXECUTION_ADAPTER": "laen", "TRADING_EXECUTION_ADAPTER_POLICY": "all"],
    ])
    func `is Alpaca when the policy is empty or misspelled`(settings: [String: String]) async throws {
        let ground = try await RouterGround()
        var words = ground.words.unhurried
        words.settings = settings
        words.settings["TRADING_LEAN_RUNNER_REQUIRE_HEALTHY"] = "false"
        #expect(words.policy.misconfigurations.contains { $0.name.hasPrefix("TRADING_EXECUTION_ADAPTER") })
        let log = JournalLog(ground.journal)
        var maker = IntentMaker(words.policy.routing, prefix: "route")
        let event = maker.next("AAPL", at: ground.time.now())
        let intent = try #require(event.intent)
        try await RouterGround.write([IntentMaker.released(at: ground.time.now()), event], to: log)
        let router = RouterHere(words, on: log)
        let story = try await router.story { $0.ending(of: intent.intentID) != .none }
        #expect(story.attempts(of: intent.intentID).map(\.evidence.executionAdapter) == [.alpaca])
        #expect(try await ground.count(of: intent.clientOrderID) == (1, 1))
        #expect(try await ground.runner.control("/_sim/log").count("entries") == 0)
        await router.fleet.end()
        await log.close()
    }

    @Test func `is Alpaca from the next order on when the lane is disabled, without a restart`() async throws {
        let ground = try await RouterGround()
        let words = ground.words.unhurried
        let log = JournalLog(ground.journal)
        var maker = IntentMaker(words.policy.routing, prefix: "lane")
        let first = maker.next("AAPL", at: ground.time.now())
        try await RouterGround.write([IntentMaker.released(at: ground.time.now()), first], to: log)
        let router = RouterHere(words, on: log)
        let firstID = try #require(first.intent).intentID
        _ = try await router.story { $0.ending(of: firstID) == .live }
        // Judged for LEAN before the lane was disabled: the router decides by what is in force when it sends.
        let second = maker.next("AAPL", at: ground.time.now())
        try await RouterGround.write([IntentMaker.laneOff(.execution, at: ground.time.now())], to: log)
        try await RouterGround.write([second], to: log)
        let secondID = try #require(second.intent).intentID
        let story = try await router.story { $0.ending(of: secondID) == .live }
        #expect(story.attempts(of: firstID).map(\.evidence.executionAdapter) == [.lean])
        #expect(story.attempts(of: secondID).map(\.evidence.executionAdapter) == [.alpaca])
        #expect(story.attempts(of: secondID).first?.evidence.executionFallbackReason?.text == "lane_disabled")
        await router.fleet.end()
        await log.close()
    }

    /// The integration test that the seed asks for, on the log.
    @Test func `after a forced failure of LEAN carries the fallback's marker and complete evidence`() async throws {
        let ground = try await RouterGround()
        try await ground.runner.control("/_sim/script", #"{"action": "refuse"}"#)
        let words = ground.words.unhurried
        let log = JournalLog(ground.journal)
        var maker = IntentMaker(words.policy.routing, prefix: "forced")
        let event = maker.next("AAPL", at: ground.time.now())
        let intent = try #require(event.intent)
        try await RouterGround.write([IntentMaker.released(at: ground.time.now()), event], to: log)
        let router = RouterHere(words, on: log)
        let story = try await router.story { $0.ending(of: intent.intentID) == .live }
        let accepted = try #require(
            story.route.compactMap { if case .attemptAccepted(let event) = $0 { event } else { nil } }.last)
        #expect(accepted.routeMarker == .alpacaFallback)
        #expect(accepted.executionRoute == .leanToAlpaca)
        // As anybody reads it off the topic.
        let raw = try await RouterGround.values(of: TopicCatalog.route.name, "AAPL", in: log)
        #expect(raw.contains { $0.contains(#""_execution_adapter":"alpaca_fallback""#) }, "\(raw)")
        let evidence = accepted.evidence
        #expect(evidence.executionExpectedAdapter == .lean)
        #expect(evidence.executionAdapter == .alpaca)
        #expect(evidence.executionFallbackReason?.text == "lean_submit_order_http_503")
        #expect(evidence.executionFallbackCount == 1)
        #expect(evidence.executionIdempotencyKey == intent.clientOrderID)
        #expect(
            story.kinds(of: intent.intentID) == [
                "attempt_prepared", "attempt_sent", "attempt_rejected", "fallback_decided", "attempt_prepared",
                "attempt_sent", "attempt_accepted",
            ])
        await router.fleet.end()
        #expect(RouteTally(scraped: router.registry.render()) == RouteTally(story.route))
        await log.close()
    }
}
