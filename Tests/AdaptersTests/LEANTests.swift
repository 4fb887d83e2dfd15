import Adapters
import Core
import Domain
import HTTPClient
import TestSupport
import Testing
import Threading

@Suite struct `The runner's answers` {
    @Test(arguments: [
        ("wrong_symbol", "lean_order_payload_symbol_mismatch"), ("wrong_quantity", "lean_order_payload_qty_mismatch"),
        ("wrong_client_id", "lean_order_payload_client_order_id_mismatch"),
        ("missing_fields", "lean_order_payload_missing_keys:id,symbol"),
    ])
    func `that lie leave the order unknown, and are not asked again`(lie: String, code: String) async throws {
        let ground = try Ground(.lean)
        try await ground.runner?.control("/_sim/script", #"{"action":"\#(lie)"}"#)
        let answer = try await ground.submit("c-1")
        #expect(answer.verdict == .unknown(.contractViolation))
        #expect(answer.call.reply.code?.text == code)
        #expect(try await ground.counts("c-1") == (1, 1))
    }

    @Test func `that are no JSON leave it unknown; what is more than the contract is passed over`() async throws {
        let ground = try Ground(.lean)
        try await ground.runner?.control("/_sim/script", #"[{"action":"not_json"},{"action":"extra_fields"}]"#)
        #expect(try await ground.submit("c-1").verdict == .unknown(.invalidJSON))
        #expect(try await ground.submit("c-2").verdict.order != nil)
    }

    @Test func `refuse an owner that was succeeded, and a deadline that has passed`() async throws {
        let ground = try Ground(.lean)
        let call = try Ground.call()
        #expect(await ground.adapter.submit(try Ground.order("c-1", epoch: 7), call).verdict.order != nil)
        let stale = await ground.adapter.submit(try Ground.order("c-2", epoch: 6), call)
        #expect(stale.verdict == .notSent(Refusal(.notSent, .refusedByContract, .staleEpoch)))
        // Another scope has epochs of its own.
        var other = try Ground.order("c-3", epoch: 1)
        other.epoch.scope = "partition-4"
        #expect(await ground.adapter.submit(other, call).verdict.order != nil)
        // The runner sleeps beyond the deadline, wakes, and sends nothing.
        try await ground.runner?.control("/_sim/script", #"{"action":"delay","milliseconds":1600}"#)
        #expect(try await ground.submit("c-4", limit: .milliseconds(800)).verdict == .unknown(.timeout))
        try await Task.sleep(for: .milliseconds(1_600))
        #expect(try await ground.counts("c-4") == (0, 0))
        #expect(try await ground.counts("c-2") == (0, 0))
    }

    @Test func `repeat an order under its key, and know another body`() async throws {
        let ground = try Ground(.lean)
        let first = try #require(try await ground.submit("c-1").verdict.order)
        let again = try #require(try await ground.submit("c-1").verdict.order)
        #expect(again.id == first.id && again.idempotentReplay == true)
        let other = await ground.adapter.submit(try Ground.order("c-1", qty: 999), try Ground.call())
        #expect(other.verdict == .taken(.http4xx))
        #expect(other.call.reply.code?.text == "idempotency_conflict")
        #expect(try await ground.counts("c-1") == (1, 1))
    }

    @Test func `to an abandoned key are a promise`() async throws {
        let ground = try Ground(.lean)
        let call = try Ground.call()
        let (unsent, sent) = (try ClientOrderID("c-1"), try ClientOrderID("c-2"))
        #expect(await ground.adapter.void(unsent, call).verdict == .voided)
        let late = await ground.adapter.submit(try Ground.order("c-1"), call)
        #expect(late.verdict == .notSent(Refusal(.notSent, .voided, .http4xx)))
        #expect(try await ground.counts("c-1") == (0, 0))
        let order = try #require(await ground.adapter.submit(try Ground.order("c-2"), call).verdict.order)
        guard case .submitted(let found) = await ground.adapter.void(sent, call).verdict else {
            Issue.record("an order that was sent is not void")
            return
        }
        #expect(found.id == order.id)
    }

    @Test func `of not sent, and of unknown, are told apart`() async throws {
        let ground = try Ground(.lean)
        try await ground.runner?.control("/_sim/script", #"[{"action":"refuse"},{"action":"error_after"}]"#)
        #expect(
            try await ground.submit("c-1").verdict == .notSent(Refusal(.notSent, .refusedByContract, .http5xx)))
        #expect(try await ground.submit("c-2").verdict == .unknown(.http5xx))
        // The broker fails after it took the order: the runner cannot know either.
        try await ground.broker.control("/_sim/outcomes", #"[{"action":"error_after"},{"action":"drop_after"}]"#)
        #expect(try await ground.submit("c-3").verdict == .unknown(.http5xx))
        #expect(try await ground.submit("c-4").verdict == .unknown(.http5xx))
        for id in ["c-2", "c-3", "c-4"] { #expect(try await ground.counts(id) == (1, 1)) }
        #expect(try await ground.counts("c-1") == (0, 0))
    }

    @Test func `about an id that the broker knows prove an order`() async throws {
        let ground = try Ground(.lean)
        let direct = Ground.adapter(.alpaca, ground.broker.address())
        #expect(await direct.submit(try Ground.order("c-1"), try Ground.call()).verdict.order != nil)
        #expect(try await ground.submit("c-1").verdict == .taken(.http4xx))
    }

    @Test func `to a stranger, and to what breaks its contract, allow another route`() async throws {
        let broker = try Simulator("alpaca")
        let runner = try Simulator("lean", "--to", broker.address(), "--token", "secret")
        let call = try Ground.call()
        let stranger = Ground.adapter(.lean, runner.address())
        let refused = await stranger.submit(try Ground.order("c-1"), call)
        #expect(refused.verdict == .notSent(Refusal(.authRejected, .refusedByContract, .authRejected)))
        #expect(refused.call.credentialsRefused)
        let known = LEANAdapter(
            LEANSettings(address: runner.address(), token: Secret("secret")), time: SystemTime())
        #expect(await known.submit(try Ground.order("c-2"), call).verdict.order != nil)
        var money = try Ground.order("c-3")
        money.terms.qty = nil
        money.terms.notional = 100
        let local = await known.submit(money, call)
        #expect(local.verdict == .notSent(Refusal(.local, .neverConnected, .contractViolation)))
        #expect(local.call.tries == 0)
    }
}
