import Adapters
import Core
import Domain
import TestSupport
import Testing

/// One contract, on each adapter: everything here holds for all of them.
@Suite struct `The contract of an adapter` {
    @Test(arguments: Ground.Route.allCases)
    func `an order that is taken is told as it stands, with its evidence`(route: Ground.Route) async throws {
        let ground = try Ground(route)
        let answer = try await ground.submit("c-1")
        let order = try #require(answer.verdict.order)
        #expect(order.clientOrderID?.text == "c-1" && order.symbol.text == "AAPL" && order.qty == 3)
        #expect(order.side == .buy && order.orderType == .limit && order.limitPrice == 50 && order.status == .accepted)
        #expect(answer.call.reply.httpStatus == 200 && answer.call.tries == 1)
        #expect(answer.call.sentAt != nil && answer.call.sentBytes > 100)
        #expect(try #require(answer.call.reply.latencyMicroseconds) > 0)
        #expect(answer.call.rawReply == order.raw)
        #expect((answer.call.reply.executionAuditJSON != nil) == (route == .lean))
        #expect(order.idempotentReplay == (route == .lean ? false : nil))
    }

    @Test(arguments: Ground.Route.allCases)
    func `it is found by both of its ids, and in the list until it is canceled`(route: Ground.Route) async throws {
        let ground = try Ground(route)
        let id = try #require(try await ground.submit("c-1").verdict.order).id
        let call = try Ground.call()
        guard
            case .found(let byClient) = await ground.adapter.lookup(clientOrderID: try ClientOrderID("c-1"), call)
                .verdict,
            case .found(let byID) = await ground.adapter.lookup(orderID: id, call).verdict
        else {
            Issue.record("not found")
            return
        }
        #expect(byClient.id == id && byID.clientOrderID?.text == "c-1" && byID.status == .new)
        guard case .orders(let open, true) = await ground.adapter.openOrders(call).verdict else {
            Issue.record("no list")
            return
        }
        #expect(open.map(\.id) == [id])
        #expect(await ground.adapter.cancel(orderID: id, call).verdict == .requested)
        #expect(await ground.adapter.cancel(orderID: id, call).verdict == .refused)
        #expect(await ground.adapter.openOrders(call).verdict == .orders([], isComplete: true))
        guard case .found(let ended) = await ground.adapter.lookup(orderID: id, call).verdict else {
            Issue.record("not found")
            return
        }
        #expect(ended.status == .canceled)
    }

    @Test(arguments: Ground.Route.allCases)
    func `what is not there is absent in the broker's own words`(route: Ground.Route) async throws {
        let ground = try Ground(route)
        let call = try Ground.call()
        let nobody = try BrokerOrderID("00000000-0000-4000-8000-00000000dead")
        #expect(await ground.adapter.lookup(clientOrderID: try ClientOrderID("a/b ? é"), call).verdict == .absent)
        #expect(await ground.adapter.lookup(orderID: nobody, call).verdict == .absent)
        #expect(await ground.adapter.cancel(orderID: nobody, call).verdict == .absent)
        // Another server's 404 proves nothing.
        let stranger = Ground.adapter(route, ground.broker.address() + "/elsewhere")
        #expect(await stranger.lookup(orderID: nobody, call).verdict == .inconclusive(.http4xx))
    }

    @Test(arguments: Ground.Route.allCases)
    func `a replacement is another order with its own id`(route: Ground.Route) async throws {
        let ground = try Ground(route)
        let old = try #require(try await ground.submit("c-1").verdict.order)
        let replacement = OrderReplacement(
            orderID: old.id, clientOrderID: try ClientOrderID("c-1-r1"), symbol: old.symbol, qty: 5, limitPrice: 40,
            epoch: SenderEpoch(1))
        let call = try Ground.call()
        let new = try #require(await ground.adapter.replace(replacement, call).verdict.order)
        #expect(new.clientOrderID?.text == "c-1-r1" && new.limitPrice == 40 && new.replaces == old.id && new.qty == 5)
        guard case .found(let ended) = await ground.adapter.lookup(orderID: old.id, call).verdict else {
            Issue.record("not found")
            return
        }
        #expect(ended.status == .replaced && ended.replacedBy == new.id)
        guard case .rejected(let refusal) = await ground.adapter.replace(replacement, call).verdict else {
            Issue.record("replaced twice")
            return
        }
        #expect(refusal.rejectionClass == .brokerRejected)
    }

    @Test(arguments: Ground.Route.allCases)
    func `all open orders end at one word`(route: Ground.Route) async throws {
        let ground = try Ground(route)
        var ids: Set<BrokerOrderID> = []
        for number in 0..<5 { ids.insert(try #require(try await ground.submit("c-\(number)").verdict.order).id) }
        let call = try Ground.call()
        guard case .requested(let ended, let refused) = await ground.adapter.cancelAll(call).verdict else {
            Issue.record("not asked")
            return
        }
        #expect(Set(ended) == ids && refused.isEmpty)
        #expect(await ground.adapter.cancelAll(call).verdict == .requested([], refused: []))
    }

    @Test(arguments: Ground.Route.allCases)
    func `a business refusal is final`(route: Ground.Route) async throws {
        let ground = try Ground(route)
        try await ground.broker.control("/_sim/outcomes", #"{"action":"reject"}"#)
        let refused = try await ground.submit("c-1")
        #expect(refused.verdict == .rejected(Refusal(.brokerRejected, .refusedByContract, .brokerRejected)))
        #expect(refused.call.reply.reason?.text == "insufficient buying power" && !refused.call.credentialsRefused)
        #expect(try await ground.counts("c-1") == (1, 0))
    }

    @Test(arguments: Ground.Route.allCases)
    func `nobody there proves that nothing was sent`(route: Ground.Route) async throws {
        let ground = try Ground(route, throughFaults: true)
        try await ground.faults?.control("/listening", #"{"listening":false}"#, port: "control")
        let answer = try await ground.submit("c-1")
        #expect(answer.verdict == .notSent(Refusal(.notSent, .neverConnected, .connectRefused)))
        #expect(answer.call.sentAt == nil && answer.call.sentBytes == 0)
        let call = try Ground.call()
        #expect(await ground.adapter.openOrders(call).verdict == .inconclusive(.connectRefused))
        #expect(await ground.adapter.health(call).verdict == .unhealthy(try Code("\(route)_health_connect_refused")))
    }

    @Test(arguments: Ground.Route.allCases)
    func `a deadline that has passed sends nothing`(route: Ground.Route) async throws {
        let ground = try Ground(route)
        let answer = await ground.adapter.submit(try Ground.order("c-1"), try Ground.call(.milliseconds(-1)))
        #expect(answer.verdict == .notSent(Refusal(.local, .neverConnected, .deadlinePassed)))
        #expect(answer.call.tries == 0)
        #expect(try await ground.counts("c-1") == (0, 0))
    }

    @Test(arguments: Ground.Route.allCases)
    func `it is healthy when it says so`(route: Ground.Route) async throws {
        let ground = try Ground(route)
        #expect(await ground.adapter.health(try Ground.call()).verdict == .healthy)
        #expect(ground.adapter.adapter.rawValue == route.rawValue)
    }
}
