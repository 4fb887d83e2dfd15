import HTTPClient
import TestSupport
import Testing

@Suite struct `A broker that fails the runner` {
    @Test(arguments: [
        ("error_before", 502, "unknown", "broker_unknown"), ("error_after", 502, "unknown", "broker_unknown"),
        ("drop_before", 502, "unknown", "broker_unknown"), ("drop_after", 502, "unknown", "broker_unknown"),
        ("reject", 422, "rejected", "broker_rejected"), ("rate_limit", 503, "not_sent", "rate_limited"),
    ])
    func `is told for what it is`(fate: String, status: Int, outcome: String, code: String) async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        try await ground.tell(fate, "one", milliseconds: 10_000, times: 10)
        let answer = try #require(await runner.submit("one", headers: Asking.fences(deadline: .seconds(5))))
        #expect(answer.status == status, "\(answer.json.text)")
        #expect(answer.outcome == outcome)
        #expect(answer.code == code)
        #expect(answer.json("detail", as: String.self)?.hasPrefix("lean_submit_order_failed:") == true)
        if fate.hasSuffix("_after") {
            let found = try await runner.eventually("the order") {
                await runner.submit("one")
            } _: {
                $0.status == 200
            }
            #expect(found.isReplay == true)
        }
        #expect(try await ground.tally("one").orders <= 1)
    }

    @Test func `by not being there, or not knowing us, has taken nothing`() async throws {
        let ground = try RunnerGround(broker: Simulator("alpaca", "--key", "other", "--secret", "other"))
        let stranger = try ground.start()
        let refused = try #require(await stranger.submit("one"))
        #expect(refused.status == 503)
        #expect(refused.outcome == "not_sent")
        #expect(refused.code == "broker_auth")
        let ready = await stranger.ask(.get, "/readyz")
        #expect(ready?.status == 503)
        #expect(ready?.json("broker", as: String.self) == "alpaca_health_credentials_refused")
        #expect(await stranger.ask(.get, "/v1/orders/client/one")?.status == 502)
        try await stranger.killed()
        let lonely = try ground.start(broker: "http://127.0.0.1:1")
        let unreachable = try #require(await lonely.submit("two"))
        #expect(unreachable.status == 503)
        #expect(unreachable.outcome == "not_sent")
        #expect(unreachable.code == "broker_unreachable")
        #expect(await lonely.ask(.get, "/readyz")?.status == 503)
        // It lives all the same: what it cannot do is said by its readiness.
        #expect(await lonely.ask(.get, "/healthz")?.status == 200)
        try await lonely.killed()
        // The keys are free again, for a broker that is well.
        let well = try ground.start(more: ["APCA_API_KEY_ID": "other", "APCA_API_SECRET_KEY": "other"])
        for id in ["one", "two"] { #expect(await well.submit(id)?.isReplay == false) }
    }

    @Test func `by hanging keeps nobody from cancels and questions`() async throws {
        let ground = try RunnerGround(["LEAN_RUNNER_BROKER_CONCURRENCY": "2"])
        let runner = try ground.start()
        try await ground.tell("rest", "open")
        let open = try #require(await runner.submit("open")?.json("id", as: String.self))
        try await ground.tell("hang_before", "a", milliseconds: 4_000)
        try await ground.tell("hang_before", "b", milliseconds: 4_000)
        async let a = runner.submit("a", headers: Asking.fences(deadline: .seconds(3)))
        async let b = runner.submit("b", headers: Asking.fences(deadline: .seconds(3)))
        try await ground.submitted("a")
        try await ground.submitted("b")
        // Both lanes of orders are taken: one more is kept back by its deadline, and the rest goes on.
        let third = await runner.submit("c", headers: Asking.fences(deadline: .milliseconds(300)))
        #expect(third?.outcome == "not_sent", "\(third?.json.text ?? "none")")
        #expect(await runner.ask(.get, "/v1/orders/\(open)")?.status == 200)
        #expect(await runner.ask(.post, "/v1/orders/\(open)/cancel")?.status == 200)
        #expect([await a, await b].allSatisfy { $0?.outcome == "unknown" })
        #expect(try await ground.tally("c").submits == 0)
    }

    @Test func `shows its orders as they are`() async throws {
        let ground = try RunnerGround()
        try await ground.broker.control("/_sim/settings", #"{"maximum_page": 2}"#)
        let runner = try ground.start()
        for number in 0..<5 {
            try await ground.tell("rest", "o-\(number)")
            #expect(await runner.submit("o-\(number)")?.status == 200)
        }
        for status in ["open", "all"] {
            let list = await runner.ask(.get, "/v1/orders?status=\(status)")
            #expect(list?.json.count("orders") == 5, "\(list?.json.text ?? "none")")
            #expect(list?.json("orders", 0, "_execution_adapter", as: String.self) == "lean")
        }
        #expect(await runner.ask(.get, "/v1/orders/client/o-3")?.json("client_order_id", as: String.self) == "o-3")
        let nobody = await runner.ask(.get, "/v1/orders/client/nobody")
        #expect(nobody?.status == 404)
        #expect(nobody?.json("detail", as: String.self) == "order_not_found")
        let canceled = await runner.ask(.post, "/v1/orders/cancel-all")
        #expect(canceled?.json.count("orders") == 5)
        #expect(await runner.ask(.get, "/v1/orders?status=open")?.json.count("orders") == 0)
        #expect(await runner.ask(.get, "/v1/orders?status=closed")?.json.count("orders") == 5)
    }
}
