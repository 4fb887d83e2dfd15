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
        let answer = try await ground.submit("c-1", limit: .seconds(20))
        #expect(answer.verdict.order != nil && answer.call.tries == 2)
        #expect(ContinuousClock.now - start >= .milliseconds(950))
        // No time for another try: nothing was sent on, and no time is wasted.
        try await ground.broker.control("/_sim/outcomes", #"{"action":"rate_limit","milliseconds":30000}"#)
        let second = ContinuousClock.now
        let refused = try await ground.submit("c-2", limit: .seconds(20))
        #expect(refused.verdict == .notSent(Refusal(.notSent, .refusedByContract, .rateLimited)))
        #expect(ContinuousClock.now - second < .seconds(10))
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
        for number in 0..<11 {
            // Three come at one moment, and a page ends between them.
            let freezes = number > 2 && number < 6
            try await ground.broker.control("/_sim/settings", #"{"freezes_clock":\#(freezes)}"#)
            ids.append(try #require(try await ground.submit("c-\(number)").verdict.order).id)
        }
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

    @Test func `list what happened since some moment, page by page`() async throws {
        let ground = try Ground(.alpaca)
        var limits = AdapterLimits(pageSize: 4)
        limits.maximumTries = 1
        let alpaca = AlpacaAdapter(
            AlpacaSettings(
                address: ground.broker.address(), keyID: Secret("key"), secretKey: Secret("secret"), limits: limits),
            time: SystemTime())
        let early = try #require(
            await alpaca.submit(try Ground.order("early", limit: nil), try Ground.call()).verdict.order)
        let since = try #require(early.submittedAt)
        var ids: [String] = []
        for number in 0..<10 {
            // Market orders are filled at once; the others rest.
            let order = try Ground.order("c-\(number)", limit: number.isMultiple(of: 2) ? nil : 50)
            ids.append(try #require(await alpaca.submit(order, try Ground.call()).verdict.order).id.text)
        }
        func listed(_ status: ListedStatus) async throws -> [String] {
            var (found, from): ([String], Timestamp?) = ([], since)
            while let begin = from {
                guard case .read(let page) = await alpaca.orders(status, since: begin, try Ground.call()).verdict else {
                    Issue.record("no page")
                    break
                }
                #expect(page.isFull == (page.orders.count == 4))
                let fresh = page.orders.map(\.id).filter { !found.contains($0) }
                found += fresh
                from = fresh.isEmpty ? nil : page.next
            }
            return found
        }
        #expect(try await listed(.all) == ids)
        #expect(try await listed(.open) == ids.enumerated().filter { $0.offset % 2 == 1 }.map(\.element))
        var (fills, token): ([FillActivity], String?) = ([], nil)
        repeat {
            guard case .read(let page) = await alpaca.activities(since: since, after: token, try Ground.call()).verdict
            else {
                Issue.record("no page")
                break
            }
            #expect(page.fills.count <= 4)
            fills += page.fills
            token = page.next
        } while token != nil
        // Asked for by whole seconds: the one of the same second comes too.
        let expected = [early.id.text] + ids.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        #expect(fills.map(\.orderID).filter { $0 != early.id.text } == Array(expected.dropFirst()))
        #expect(
            Set(fills.map(\.executionID)).count == fills.count && fills.allSatisfy { !$0.executionID.contains(":") })
        #expect(fills.allSatisfy { $0.type == "fill" && $0.qty == "3" && $0.symbol == "AAPL" && $0.price == "100" })
        try await ground.broker.control("/_sim/settings", #"{"requests_per_minute":1}"#)
        _ = await alpaca.activities(since: since, try Ground.call(.milliseconds(300)))
        let refused = await alpaca.activities(since: since, try Ground.call(.milliseconds(300)))
        #expect(refused.verdict == .inconclusive(.rateLimited))
    }

    @Test func `list what can be read beside an order that cannot be, and name that one`() async throws {
        let ground = try Ground(.alpaca)
        let first = try #require(try await ground.submit("c-1").verdict.order)
        _ = await ground.adapter.submit(
            OrderSubmission(
                clientOrderID: try ClientOrderID("c-odd"), symbol: Symbol(trusted: String(repeating: "A", count: 65)),
                side: .buy, terms: OrderTerms(qty: 1, orderType: .limit, timeInForce: .day, limitPrice: 1),
                epoch: SenderEpoch(1)), try Ground.call())
        let last = try #require(try await ground.submit("c-2").verdict.order)
        let answered = await ground.adapter.openOrders(try Ground.call())
        guard case .orders(let open, false) = answered.verdict else {
            Issue.record("\(answered.verdict)")
            return
        }
        #expect(open.map(\.id) == [first.id, last.id])
        #expect(answered.call.reply.reason?.text.hasSuffix(": identifier_invalid") == true)
    }

    @Test func `never promise what was not sent`() async throws {
        let ground = try Ground(.alpaca)
        #expect(await ground.adapter.void(try ClientOrderID("c-1"), try Ground.call()).verdict == .unsupported)
    }

    @Test func `of the account are read with exact amounts`() async throws {
        let ground = try Ground(.alpaca)
        let call = try Ground.call()
        let alpaca = AlpacaAdapter(
            AlpacaSettings(address: ground.broker.address(), keyID: Secret("key"), secretKey: Secret("secret")),
            time: SystemTime())
        let bought = try Ground.order("c-1", symbol: "BTC/USD", qty: Amount("0.00000003"), limit: nil)
        #expect(await alpaca.submit(bought, call).verdict.order != nil)
        guard case .read(let account) = await alpaca.account(call).verdict else {
            Issue.record("no account")
            return
        }
        let cash = try Amount("99999999.999997")
        #expect(account.status.text == "ACTIVE" && account.cash == cash)
        #expect(!account.tradingBlocked && account.shortingEnabled == true && account.currency.text == "USD")
        guard case .read(let positions) = await alpaca.positions(call).verdict else {
            Issue.record("no positions")
            return
        }
        #expect(positions.map(\.symbol.text) == ["BTC/USD"] && positions.map(\.qty) == [bought.terms.qty])
        guard case .read(let clock) = await alpaca.clock(call).verdict,
            case .read(let asset) = await alpaca.asset(try Symbol("BTC/USD"), call).verdict
        else {
            Issue.record("no clock or no asset")
            return
        }
        #expect(clock.isOpen && clock.nextOpen > clock.timestamp)
        #expect(asset.isTradable && asset.isShortable == false && asset.symbol.text == "BTC/USD")
        let stranger = AlpacaAdapter(
            AlpacaSettings(
                address: ground.broker.address() + "/elsewhere", keyID: Secret("key"), secretKey: Secret("secret")),
            time: SystemTime())
        #expect(await stranger.positions(call).verdict == .inconclusive(.http4xx))
    }
}
