import HTTPClient
import TestSupport
import Testing

@Suite struct `A key of the runner` {
    @Test func `makes one order, and gives the stored answer to the same body with a fresh audit`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        let first = try #require(await runner.submit("one", headers: [("X-Correlation-ID", " first ")]))
        #expect(first.status == 200)
        #expect(first.isReplay == false)
        #expect(first.json("_execution_adapter", as: String.self) == "lean")
        #expect(first.json("_lean_contract_version", as: String.self) == "v2")
        #expect(first.json("_lean_audit", "correlation_id", as: String.self) == "first")
        #expect(first.json("_lean_audit", "idempotency_key", as: String.self) == "one")
        #expect(first.json("_lean_audit", "operation", as: String.self) == "submit_order")
        let again = try #require(await runner.submit("one"))
        #expect(again.status == 200)
        #expect(again.isReplay == true)
        #expect(again.json("id", as: String.self) == first.json("id", as: String.self))
        let fresh = again.json("_lean_audit", "correlation_id", as: String.self) ?? ""
        #expect(fresh.hasPrefix("lean-") && fresh.utf8.count == 25)
        #expect(try await ground.tally("one") == RunnerGround.Tally(submits: 1, orders: 1, live: 1))
    }

    @Test func `takes no other body, and no other key for its client order id`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        #expect(await runner.submit("one")?.status == 200)
        let other = await runner.submit("one", qty: "999")
        #expect(other?.status == 409)
        #expect(other?.code == "idempotency_conflict")
        #expect(other?.outcome == "unknown")
        let stranger = await runner.submit("one", key: "another")
        #expect(stranger?.status == 409)
        #expect(stranger?.code == "idempotency_conflict")
        let moved = await runner.ask(
            .post, "/v1/orders/submit", Asking.body("two"), headers: [("Idempotency-Key", "one")])
        #expect(moved?.code == "idempotency_conflict")
        #expect(try await ground.broker.control("/_sim/summary")("submits", as: Int.self) == 1)
    }

    @Test func `belongs to the first client order id also while that one is on its way`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        try await ground.tell("hang_after", "a", milliseconds: 60_000)
        async let first = runner.submit("a", key: "shared", headers: Asking.fences(deadline: .seconds(3)))
        try await ground.submitted("a")
        let second = await runner.submit("b", key: "shared")
        #expect(second?.status == 409, "\(second?.json.text ?? "none")")
        #expect(second?.code == "idempotency_conflict")
        #expect(second?.outcome == "unknown")
        #expect(await first?.outcome == "unknown")
        #expect(try await ground.tally("b").submits == 0)
    }

    @Test func `is the header, else the client order id, else the body`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        let byID = await runner.ask(.post, "/v1/orders/submit", Asking.body("by-id"))
        #expect(byID?.status == 200)
        #expect(await runner.submit("by-id")?.isReplay == true)
        let byBody = try #require(await runner.ask(.post, "/v1/orders/submit", Asking.body(nil, qty: "7")))
        #expect(byBody.status == 200)
        #expect(byBody.json("client_order_id", as: String.self)?.utf8.count == 64)
        let again = try #require(await runner.ask(.post, "/v1/orders/submit", Asking.body(nil, qty: "7.0")))
        #expect(again.isReplay == true)
        #expect(again.json("id", as: String.self) == byBody.json("id", as: String.self))
        let header = await runner.ask(
            .post, "/v1/orders/submit", Asking.body(nil, qty: "7"), headers: [("Idempotency-Key", "by-header")])
        #expect(header?.json("client_order_id", as: String.self) == "by-header")
        #expect(header?.isReplay == false)
    }

    @Test func `sends once for many who ask at the same moment`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        let answers = await withTaskGroup(of: RunnerProgram.Answer?.self) { group in
            for number in 0..<60 { group.addTask { await runner.submit("storm-\(number % 6)") } }
            return await group.reduce(into: [RunnerProgram.Answer?]()) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0?.status == 200 }, "\(answers.compactMap { $0?.json.text })")
        #expect(answers.count { $0?.isReplay == false } == 6)
        for number in 0..<6 {
            #expect(try await ground.tally("storm-\(number)") == RunnerGround.Tally(submits: 1, orders: 1, live: 1))
        }
    }

    @Test func `lets others wait for the first, and no longer than their deadline`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        try await ground.tell("hang_after", "slow", milliseconds: 60_000)
        async let first = runner.submit("slow", headers: Asking.fences(deadline: .seconds(3)))
        try await ground.submitted("slow")
        let second = await runner.submit("slow", headers: Asking.fences(deadline: .milliseconds(300)))
        #expect(second?.status == 409)
        #expect(second?.code == "in_flight")
        #expect(second?.outcome == "unknown")
        let answer = await first
        #expect(answer?.status == 502, "\(answer?.json.text ?? "none")")
        #expect(answer?.outcome == "unknown")
        // The broker has it: a look-up tells, and the key has its answer.
        let found = try await runner.eventually("the order") {
            await runner.submit("slow")
        } _: {
            $0.status == 200
        }
        #expect(found.isReplay == true)
        #expect(try await ground.tally("slow") == RunnerGround.Tally(submits: 1, orders: 1, live: 1))
    }

    @Test func `keeps a rejection, and repeats it after a restart`() async throws {
        let ground = try RunnerGround()
        try await ground.tell("reject", "poor", times: 10)
        var runner = try ground.start()
        let first = try #require(await runner.submit("poor"))
        #expect(first.status == 422)
        #expect(first.code == "broker_rejected")
        #expect(first.outcome == "rejected")
        #expect(first.isReplay == false)
        try await runner.killed()
        runner = try ground.start()
        let again = try #require(await runner.submit("poor"))
        #expect(again.status == 422)
        #expect(again.isReplay == true)
        #expect(again.json("detail", as: String.self) == first.json("detail", as: String.self))
        #expect(try await ground.tally("poor").submits == 1)
        // What was refused has no order, and never will have one by this key.
        #expect(await runner.void("poor")?.outcome == "voided")
    }

    @Test func `replaces an order once, and keeps that too`() async throws {
        let ground = try RunnerGround()
        try await ground.tell("rest", "old")
        var runner = try ground.start()
        let old = try #require(await runner.submit("old")?.json("id", as: String.self))
        let body = #"{"qty":"3","limit_price":"91","client_order_id":"old-r1"}"#
        func replace(_ body: String, _ order: String) async -> RunnerProgram.Answer? {
            await runner.ask(
                .post, "/v1/orders/\(order)/replace", body, headers: [("Idempotency-Key", "old-r1")])
        }
        let first = try #require(await replace(body, old))
        #expect(first.status == 200, "\(first.json.text)")
        #expect(first.json("replaces", as: String.self) == old)
        #expect(first.json("_lean_audit", "operation", as: String.self) == "replace_order")
        try await runner.killed()
        runner = try ground.start()
        let again = try #require(await replace(body, old))
        #expect(again.isReplay == true)
        #expect(again.json("id", as: String.self) == first.json("id", as: String.self))
        #expect(await replace(body.replacing("91", with: "92"), old)?.code == "idempotency_conflict")
        let nobody = await runner.ask(.post, "/v1/orders/nobody/replace", #"{"qty":"3","client_order_id":"n-r1"}"#)
        #expect(nobody?.status == 404)
        #expect(nobody?.json("detail", as: String.self) == "order_not_found")
        #expect(try await ground.broker.control("/_sim/summary")("replaces", as: Int.self) == 1)
    }
}
