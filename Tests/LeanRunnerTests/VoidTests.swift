import TestSupport
import Testing

@Suite struct `A void of the runner` {
    @Test func `is kept through a restart, and no body gets past it`() async throws {
        let ground = try RunnerGround()
        var runner = try ground.start()
        // A ledger that was just begun cannot know what another sent: one look at the broker proves nothing.
        let early = await runner.void("never")
        #expect(early?.status == 409)
        #expect(early?.code == "unresolved")
        #expect(await runner.submit("never")?.outcome == "unknown")
        let first = try await voided("never", by: runner)
        #expect(first.status == 200)
        #expect(first.json("client_order_id", as: String.self) == "never")
        for _ in 0..<2 {
            for qty in ["1", "2"] {
                let refused = await runner.submit("never", qty: qty)
                #expect(refused?.status == 409)
                #expect(refused?.code == "voided")
                #expect(refused?.outcome == "not_sent")
            }
            #expect(await runner.void("never")?.outcome == "voided")
            try await runner.killed()
            runner = try ground.start()
        }
        #expect(try await ground.tally("never").submits == 0)
    }

    /// A void that is asked for until something is proved.
    private func voided(_ id: String, by runner: RunnerProgram) async throws -> RunnerProgram.Answer {
        try await runner.eventually("a void") {
            await runner.void(id)
        } _: {
            $0.outcome != "unknown"
        }
    }

    @Test func `of somebody else's order shows it, also after a submit that was refused for it`() async throws {
        let ground = try RunnerGround()
        try await ground.tell("rest", "theirs")
        #expect(await (try ground.start()).submit("theirs", qty: "10")?.status == 200)
        let other = TemporaryFolder()
        var runner = try RunnerProgram(broker: ground.broker.address(), data: other.path)
        #expect(await runner.submit("theirs", qty: "5")?.code == "idempotency_conflict")
        for _ in 0..<2 {
            #expect(await runner.submit("theirs", qty: "5")?.code == "idempotency_conflict")
            let refused = await runner.void("theirs")
            #expect(refused?.outcome == "submitted", "\(refused?.json.text ?? "none")")
            #expect(refused?.json("order", "qty", as: String.self) == "10")
            try await runner.killed()
            runner = try RunnerProgram(broker: ground.broker.address(), data: other.path)
        }
    }

    @Test func `is no proof before the deadline of what was sent`() async throws {
        let ground = try RunnerGround(["LEAN_RUNNER_BROKER_TIMEOUT_SECONDS": "1"])
        let runner = try ground.start()
        try await ground.tell("hang_before", "queued", milliseconds: 60_000)
        let deadline = ContinuousClock.now + .seconds(9)
        let sent = await runner.submit("queued", headers: Asking.fences(deadline: .seconds(9)))
        #expect(sent?.outcome == "unknown")
        #expect(try await voided("queued", by: runner).outcome == "voided")
        #expect(ContinuousClock.now >= deadline)
    }

    @Test func `that the broker breaks is told to everybody`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        #expect(try await voided("late", by: runner).outcome == "voided")
        // As a request that was kept waiting somewhere for long.
        let other = TemporaryFolder()
        let second = try RunnerProgram(broker: ground.broker.address(), data: other.path)
        #expect(await second.submit("late")?.status == 200)
        let told = try await runner.eventually("the order") {
            await runner.void("late")
        } _: {
            $0.outcome == "submitted"
        }
        #expect(told.json("order", "client_order_id", as: String.self) == "late")
        #expect(try runner.said().contains("order_appeared"))
        #expect(await runner.submit("late")?.code == "idempotency_conflict")
    }

    @Test func `of an order that was submitted is refused with the order`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        #expect(await runner.submit("made")?.status == 200)
        let refused = try #require(await runner.void("made"))
        #expect(refused.status == 409)
        #expect(refused.outcome == "submitted")
        #expect(refused.json("order", "client_order_id", as: String.self) == "made")
        #expect(refused.json("order", "status", as: String.self) != nil)
    }

    @Test func `asks the broker about an id that this ledger never heard of`() async throws {
        let ground = try RunnerGround()
        let sender = try ground.start()
        #expect(await sender.submit("elsewhere")?.status == 200)
        // Another ledger in front of the same broker: one that was lost, or has forgotten.
        let other = TemporaryFolder()
        let runner = try RunnerProgram(broker: ground.broker.address(), data: other.path)
        let refused = try #require(await runner.void("elsewhere"))
        #expect(refused.status == 409, "\(refused.json.text)")
        #expect(refused.outcome == "submitted")
        let lost = try RunnerProgram(broker: "http://127.0.0.1:1", data: other.path + "/lost")
        let silent = try #require(await lost.void("whatever"))
        #expect(silent.outcome == "unknown", "\(silent.json.text)")
        // An order of somebody else under our id is no answer to our body.
        #expect(await runner.submit("elsewhere")?.code == "idempotency_conflict")
    }

    @Test func `of an order on its way says so, and later what became of it`() async throws {
        let broker = try Simulator("alpaca")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for fate in ["hang_before", "hang_after"] { group.addTask { try await Self.void(during: fate, broker) } }
            try await group.waitForAll()
        }
    }

    private static func void(during fate: String, _ broker: Simulator) async throws {
        let ground = try RunnerGround(["LEAN_RUNNER_BROKER_TIMEOUT_SECONDS": "2"], broker: broker)
        let runner = try ground.start()
        try await ground.tell(fate, fate, milliseconds: 60_000)
        async let first = runner.submit(fate)
        try await ground.submitted(fate)
        let early = await runner.void(fate, headers: Asking.fences(deadline: .milliseconds(200)))
        #expect(early?.status == 409)
        #expect(early?.outcome == "unknown", "\(early?.json.text ?? "none")")
        #expect(await first?.outcome == "unknown")
        let late = try await runner.eventually("a proof") {
            await runner.void(fate)
        } _: {
            $0.outcome != "unknown"
        }
        #expect(late.outcome == (fate == "hang_after" ? "submitted" : "voided"))
        if fate == "hang_before" {
            #expect(await runner.submit(fate)?.code == "voided")
            #expect(try await ground.tally(fate) == RunnerGround.Tally(submits: 1, orders: 0, live: 0))
        }
    }
}
