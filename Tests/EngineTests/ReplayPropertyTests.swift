import Core
import Domain
import Engine
import TestSupport
import Testing

@Suite struct `Any replay` {
    private func amount(_ range: ClosedRange<Int64>, _ dice: inout SplitMix64) -> Amount {
        Amount(units: Int128(Int64.random(in: range, using: &dice)) * 10_000_000)
    }

    private func settings(_ dice: inout SplitMix64) -> ReplaySettings {
        .with { settings in
            settings.spreadBps = amount(0...2_000, &dice)
            settings.slippageBps = amount(0...500, &dice)
            settings.impactBps = amount(0...9_000, &dice)
            settings.barParticipation = amount(1...100, &dice)
            settings.quoteParticipation = amount(1...100, &dice)
            settings.latency = 0...Int64.random(in: 0...200_000_000_000, using: &dice)
            settings.latencySeed = dice.next()
            settings.commissionBps = amount(0...300, &dice)
            settings.commissionPerUnit = amount(0...3, &dice)
            settings.minimumCommission = amount(0...100, &dice)
            settings.allowShorts = Bool.random(using: &dice)
            settings.maximumPosition = Amount(Int64.random(in: 1...30, using: &dice))
        }
    }

    private func orders(_ dice: inout SplitMix64, minutes: Int) -> [ScriptedOrder] {
        (0..<60).map { _ in
            let type = OrderType.allCases.randomElement(using: &dice) ?? .market
            let isPriced = type == .limit || type == .stopLimit
            let isStop = type == .stop || type == .stopLimit
            let byPrice = Bool.random(using: &dice)
            let trails = type == .trailingStop
            return ScriptedOrder(
                time: Tapes.time(Int64.random(in: 0..<Int64(minutes), using: &dice)),
                request: OrderRequest(
                    symbol: 0, direction: Bool.random(using: &dice) ? .up : .down,
                    qty: Amount(Int64.random(in: 1...80, using: &dice)), type: type,
                    timeInForce: [.day, .gtc, .ioc, .fok].randomElement(using: &dice) ?? .day,
                    limitPrice: isPriced ? amount(8_000...12_000, &dice) : nil,
                    stopPrice: isStop ? amount(8_000...12_000, &dice) : nil,
                    trailPrice: trails && byPrice ? amount(10...300, &dice) : nil,
                    trailPercent: trails && !byPrice ? amount(10...300, &dice) : nil, source: "script"))
        }
    }

    private func plan(_ seed: UInt64) throws -> Replay {
        var dice = SplitMix64(seed: seed)
        let quotes = Bool.random(using: &dice)
        let tape = try Tapes.walk(dice.next(), count: 400, quotes: quotes)
        let strategies = [
            Strategy(id: "legacy", rules: .legacyMacdRsi(LegacyMacdRsi()), qty: 7, symbols: [0]),
            Strategy(id: "tsmom", rules: .intradayTsmom(IntradayTsmom()), qty: 5, symbols: [0]),
        ]
        return Replay(
            over: tape, settings(&dice), strategies: strategies, script: orders(&dice, minutes: 200))
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `keeps its books: no order is overfilled, costs are never negative, net is gross less costs`(
        seed: UInt64
    ) throws {
        let plan = try plan(seed)
        let result = try plan.run()
        var (cash, position) = (plan.settings.initialCash, Amount.zero)
        var (costs, realized) = (Amount.zero, Amount.zero)
        for fill in result.fills {
            #expect(fill.qty > .zero)
            #expect(fill.commission >= .zero && fill.frictionCost >= .zero, "seed \(seed)")
            #expect(fill.direction == .up ? fill.price >= fill.reference : fill.price <= fill.reference)
            #expect(fill.time >= fill.submitted)
            // Cash and position, moved on here by the fill alone, are what the fill says they are.
            cash = try cash.subtracting(fill.direction.signed(fill.qty.multiplied(by: fill.price)))
                .subtracting(fill.commission)
            position = try position.adding(fill.direction.signed(fill.qty))
            #expect(fill.cash == cash && fill.position == position, "seed \(seed)")
            costs = try costs.adding(fill.commission).adding(fill.frictionCost)
            realized = try realized.adding(fill.realized)
        }
        #expect(result.costs == costs && result.realizedPnL == realized)
        #expect(try result.netPnL == result.grossPnL.subtracting(result.costs))
        #expect(result.cash == cash)
        let value = try result.held.reduce(Amount.zero) { try $0.adding($1.value) }
        #expect(try result.equity == cash.adding(value))
        #expect(try result.netPnL == result.equity.subtracting(plan.settings.initialCash))
        let counts = result.counts
        #expect(
            counts.orders == counts.filled + counts.expired + counts.canceled + counts.rejected + counts.open)
        #expect(result.curve.points.last?.equity == result.equity)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `fills an order at most wholly and inside its limit`(seed: UInt64) throws {
        var dice = SplitMix64(seed: seed)
        let tape = try Tapes.walk(dice.next(), count: 400, quotes: seed % 2 == 0)
        let script = orders(&dice, minutes: 200).sorted { $0.time < $1.time }
        let result = try Replay(over: tape, settings(&dice), strategies: [], script: script).run()
        // Sorted stably by the replay too, so the n-th order is the n-th of the script.
        var filled = [Amount](repeating: .zero, count: script.count)
        for fill in result.fills {
            let request = script[fill.order].request
            filled[fill.order] = try filled[fill.order].adding(fill.qty)
            if let limit = request.limitPrice {
                #expect(fill.direction == .up ? fill.price <= limit : fill.price >= limit, "seed \(seed)")
            }
            #expect(fill.time >= script[fill.order].time)
        }
        for (order, qty) in zip(script, filled) {
            #expect(qty <= order.request.qty, "seed \(seed)")
            if order.request.timeInForce == .fok { #expect(qty.isZero || qty == order.request.qty) }
        }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `gives the same result again, and another one with another seed for latency`(seed: UInt64) throws {
        let plan = try plan(seed)
        let first = try plan.run()
        #expect(try plan.run() == first)
        var other = plan.settings
        other.latency = 0...50_000_000_000
        let before = try Replay(over: plan.tape, other, strategies: plan.strategies, script: plan.script).run()
        other.latencySeed &+= 1
        let after = try Replay(over: plan.tape, other, strategies: plan.strategies, script: plan.script).run()
        #expect(before.fills.count > 10)
        #expect(before != after, "seed \(seed)")
    }

    @Test func `ends when whoever watches says so, and when a number leaves its range`() throws {
        let tape = try Tapes.walk(1, count: 10_000, quotes: false)
        let replay = Replay(over: tape, ReplaySettings(), strategies: [], script: [])
        #expect(throws: Replay.Stop.canceled) { try replay.run { $0 < 5_000 } }
        let huge = try Tapes.bars([Tapes.bar(0, 100, 100, 100, 100), Tapes.bar(1, 100, 100, 100, 100)])
        let order = OrderRequest(symbol: 0, direction: .up, qty: .maximum, source: "test")
        var settings = ReplaySettings()
        settings.barParticipation = .maximum
        #expect(throws: Replay.Stop.self) {
            try Replay(
                over: huge, settings, strategies: [], script: [ScriptedOrder(time: Tapes.time(0), request: order)]
            ).run()
        }
    }

    @Test func `a strategy holds no more than it may, and sells only what it has`() throws {
        let tape = try Tapes.walk(3, count: 4_000, quotes: false)
        let strategy = Strategy(id: "legacy", rules: .legacyMacdRsi(LegacyMacdRsi()), qty: 7, symbols: [0])
        let result = try Replay(over: tape, .with { $0.barParticipation = 1 }, strategies: [strategy], script: []).run()
        #expect(result.counts.closingFills > 3 && result.counts.passedOver > 0)
        #expect(result.fills.allSatisfy { $0.position >= .zero && $0.position <= 7 })
    }
}
