import Adapters
import Core
import Domain
import TestSupport
import Testing
import Threading

@Suite struct `Alpaca's answers` {
    @Test func `of 429 are waited out within the deadline, and the order is made once`() async throws {
        let ground = try Ground(.alpaca)
        try await ground.broker.control("/_sim/outcomes", #"{"action":"rate_limit","milliseconds":1000}"#)
        let start = ContinuousClock.now
        let answer = try await ground.submit("c-1", limit: .seconds(5))
        #expect(answer.verdict.order != nil && answer.call.tries == 2)
        #expect(ContinuousClock.now - start >= .milliseconds(950))
        // No time for another try: nothing was sent on, and no time is wasted.
        try await ground.broker.control("/_sim/outcomes", #"{"action":"rate_limit","milliseconds":30000}"#)
        let refused = try await ground.submit("c-2", limit: .seconds(2))
        #expect(refused.verdict == .notSent(Refusal(.notSent, .refusedByContract, .rateLimited)))
        #expect(ContinuousClock.now - start < .seconds(3))
        #expect(try await ground.counts("c-2") == (1, 0))
    }

    @Test func `about an id that is taken prove an order, not its absence`() async throws {
        let ground = try Ground(.alpaca)
        #expect(try await ground.submit("c-1").verdict.order != nil)
        let again = try await ground.submit("c-1")
        #expect(again.verdict == .taken(.brokerRejected))
        #expect(again.call.reply.httpStatus == 422 && again.call.reply.code?.text == "40010001")
    }

    @Test func `to a wrong key mark the adapter`() async throws {
        let broker = try Simulator("alpaca", "--key", "right", "--secret", "secret")
        let adapter = Ground.adapter(.alpaca, broker.address())
        let call = try Ground.call()
        let answer = await adapter.submit(try Ground.order("c-1"), call)
        #expect(answer.verdict == .rejected(Refusal(.authRejected, .refusedByContract, .authRejected)))
        #expect(answer.call.credentialsRefused)
        #expect(await adapter.health(call).verdict == .credentialsRefused)
    }

    @Test func `to what it does not understand are refusals`() async throws {
        let ground = try Ground(.alpaca)
        var order = try Ground.order("c-1")
        order.terms.limitPrice = nil
        let answer = await ground.adapter.submit(order, try Ground.call())
        #expect(answer.verdict == .rejected(Refusal(.brokerRejected, .refusedByContract, .brokerRejected)))
        #expect(answer.call.reply.reason?.text == "limit orders require limit price")
    }

    @Test func `list all pages, also those cut within one moment`() async throws {
        var limits = AdapterLimits(pageSize: 4)
        let ground = try Ground(.alpaca, limits: limits)
        var ids: [BrokerOrderID] = []
        for number in 0..<11 { ids.append(try #require(try await ground.submit("c-\(number)").verdict.order).id) }
        guard case .orders(let open, true) = await ground.adapter.openOrders(try Ground.call()).verdict else {
            Issue.record("no whole list")
            return
        }
        #expect(open.map(\.id) == ids)
        limits.maximumPages = 2
        let short = Ground.adapter(.alpaca, ground.broker.address(), limits)
        guard case .orders(let part, false) = await short.openOrders(try Ground.call()).verdict else {
            Issue.record("a list that was cut is not whole")
            return
        }
        #expect(part.count < 11)
    }

    @Test func `never promise what was not sent`() async throws {
        let ground = try Ground(.alpaca)
        #expect(await ground.adapter.void(try ClientOrderID("c-1"), try Ground.call()).verdict == .unsupported)
    }
}
