import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct `A fence of the runner` {
    @Test func `keeps back what is late, and says that nothing was sent`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        let late = await runner.submit("late", headers: Asking.fences(deadline: .seconds(-1)))
        #expect(late?.status == 410)
        #expect(late?.code == "deadline_passed")
        #expect(late?.outcome == "not_sent")
        // The key made no order: who is in time may still use it.
        #expect(await runner.submit("late", headers: Asking.fences())?.status == 200)
        // An order that was made is told also to who comes late: 410 would be proof that there is none.
        let repeated = await runner.submit("late", headers: Asking.fences(deadline: .seconds(-1)))
        #expect(repeated?.status == 200)
        #expect(repeated?.isReplay == true)
        #expect(try await ground.tally("late").submits == 1)
    }

    @Test func `refuses an older sender, for each scope and after a restart`() async throws {
        let ground = try RunnerGround()
        var runner = try ground.start()
        #expect(await runner.submit("a", headers: Asking.fences(epoch: 5))?.status == 200)
        let older = await runner.submit("b", headers: Asking.fences(epoch: 4))
        #expect(older?.status == 409)
        #expect(older?.code == "stale_epoch")
        #expect(older?.outcome == "not_sent")
        #expect(await runner.submit("c", headers: Asking.fences(epoch: 4, scope: "4"))?.status == 200)
        // Also a question that is only answered again tells of a newer owner.
        #expect(await runner.submit("a", headers: Asking.fences(epoch: 6))?.isReplay == true)
        try await runner.killed()
        runner = try ground.start()
        #expect(await runner.submit("d", headers: Asking.fences(epoch: 5))?.code == "stale_epoch")
        #expect(await runner.submit("d", headers: Asking.fences(epoch: 6))?.status == 200)
        #expect(await runner.submit("e", headers: Asking.fences(epoch: 3, scope: "4"))?.code == "stale_epoch")
        #expect(try await ground.tally("b").submits == 0)
    }

    @Test func `that cannot be read tells a key that was sent nothing that it could believe`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        #expect(await runner.submit("made")?.status == 200)
        #expect(await runner.void("gone")?.outcome == "unknown")
        for headers in [Asking.fences(deadline: .seconds(7_200)), [("X-Torghut-Epoch", "x")]] {
            let repeated = await runner.submit("made", headers: headers)
            #expect(repeated?.status == 502, "\(repeated?.json.text ?? "none")")
            #expect(repeated?.outcome == "unknown")
            #expect(await runner.submit("gone", headers: headers)?.outcome == "unknown")
            #expect(await runner.submit("fresh", headers: headers)?.outcome == "not_sent")
        }
        #expect(try await ground.tally("made").submits == 1)
    }

    @Test func `holds up to the first byte`() async throws {
        // The way to the broker takes its time: one lane, and somebody slow in it.
        let ground = try RunnerGround(["LEAN_RUNNER_BROKER_CONCURRENCY": "1"])
        let runner = try ground.start()
        try await ground.tell("hang_before", "slow", milliseconds: 3_000)
        async let slow = runner.submit("slow")
        try await ground.submitted("slow")
        async let late = runner.submit("late", headers: Asking.fences(deadline: .seconds(2)))
        async let stale = runner.submit("stale", headers: Asking.fences(epoch: 1, scope: "s"))
        async let voided = runner.submit("voided")
        _ = try await runner.eventually("four keys on their way") {
            await runner.ask(.get, "/metrics")
        } _: {
            $0.json.text.contains("torghut_lean_runner_in_flight_keys 4")
        }
        #expect(
            await runner.submit("newer", headers: Asking.fences(deadline: .seconds(-1), epoch: 2, scope: "s"))?.code
                == "deadline_passed")
        // Withheld, and void since its end.
        let void = try await runner.eventually("the void") {
            await runner.void("voided")
        } _: {
            $0.outcome != "unknown"
        }
        #expect(void.outcome == "voided")
        _ = await slow
        let answers = [await late, await stale, await voided]
        #expect(
            answers.map { $0?.outcome } == ["not_sent", "not_sent", "not_sent"], "\(answers.map { $0?.json.text })")
        #expect(answers.map { $0?.code } == ["deadline_passed", "stale_epoch", "voided"])
        for id in ["late", "stale", "voided"] { #expect(try await ground.tally(id).submits == 0, "\(id)") }
    }

    @Test func `of the kill switch stops orders and nothing else`() async throws {
        let ground = try RunnerGround()
        try await ground.tell("rest", "open")
        let product = TemporaryFolder()
        let runner = try ground.start("--latch-folder", product.path)
        let open = try #require(await runner.submit("open")?.json("id", as: String.self))
        for folder in [product.path, ground.folder.path + "/runner"] {
            let latch = folder + "/KILL"
            #expect(FileManager.default.createFile(atPath: latch, contents: nil))
            let refused = await runner.submit("more")
            #expect(refused?.status == 503)
            #expect(refused?.code == "kill_switch")
            #expect(refused?.outcome == "not_sent")
            let replaced = await runner.ask(
                .post, "/v1/orders/\(open)/replace", #"{"qty":"3","client_order_id":"open-r1"}"#)
            #expect(replaced?.code == "kill_switch")
            #expect(await runner.submit("open")?.isReplay == true)
            #expect(await runner.ask(.get, "/v1/orders/\(open)")?.status == 200)
            #expect(await runner.ask(.get, "/v1/orders?status=open")?.json.count("orders") == 1)
            let ready = await runner.ask(.get, "/readyz")
            #expect(ready?.status == 200)
            #expect(ready?.json("kill_switch", as: String.self) == "engaged")
            #expect(ready?.json("accepts_orders", as: Bool.self) == false)
            try FileManager.default.removeItem(atPath: latch)
            #expect(await runner.ask(.get, "/readyz")?.json("accepts_orders", as: Bool.self) == true)
        }
        #expect(FileManager.default.createFile(atPath: product.path + "/KILL", contents: nil))
        #expect(await runner.ask(.post, "/v1/orders/\(open)/cancel")?.json("ok", as: Bool.self) == true)
        #expect(await runner.ask(.post, "/v1/orders/cancel-all")?.status == 200)
        #expect(try await ground.broker.control("/_sim/summary")("submits", as: Int.self) == 1)
    }

    @Test func `of the environment's kill switch counts as well, also when nobody can read it`() async throws {
        for word in ["true", "perhaps"] {
            let ground = try RunnerGround(["TRADING_KILL_SWITCH_ENABLED": word])
            let runner = try ground.start()
            #expect(await runner.submit("one")?.code == "kill_switch")
            #expect(try await ground.tally("one").submits == 0)
        }
    }
}
